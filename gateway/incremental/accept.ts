/** `v0.2`: what the specification's draft and graphql-js 17 have. `20220824`: what clients of the years before know. */
export type IncrementalFormat = 'v0.2' | '20220824';

const TYPE = 'multipart/mixed';

/** How a client takes an answer in parts, by its Accept header; null where it takes it whole only. */
export function incrementalFormatOf(accept: string | undefined): IncrementalFormat | null {
  if (!accept?.toLowerCase().includes(TYPE)) return null;
  for (const range of accept.toLowerCase().split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    if (type !== TYPE) continue;
    const format = formatOf(new Map(parameters.map(nameAndValue)));
    if (format) return format;
  }
  return null;
}

function formatOf(parameters: ReadonlyMap<string, string>): IncrementalFormat | null {
  if (Number(parameters.get('q') ?? 1) === 0 || parameters.has('subscriptionspec')) return null;
  const [current, old] = [parameters.get('incrementalspec'), parameters.get('deferspec')];
  if (old !== undefined) return old === '20220824' ? '20220824' : null;
  return current === undefined || current === 'v0.2' ? 'v0.2' : null;
}

function nameAndValue(parameter: string): [string, string] {
  const [name = '', value = ''] = parameter.split('=').map((part) => part.trim());
  return [name, value.replaceAll('"', '')];
}
