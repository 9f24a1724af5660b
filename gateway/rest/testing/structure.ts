interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: unknown;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: unknown }>> };
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly $ref?: string }>>;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

const TOP = [
  'openapi',
  'info',
  'jsonSchemaDialect',
  'servers',
  'paths',
  'webhooks',
  'components',
  'security',
  'tags',
  'externalDocs',
];
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const OPERATION = [
  'tags',
  'summary',
  'description',
  'externalDocs',
  'operationId',
  'parameters',
  'requestBody',
  'responses',
  'callbacks',
  'deprecated',
  'security',
  'servers',
];
const COMPONENT = /^[\w.-]+$/;

/** What the specification of OpenAPI 3.1 asks of a document's structure (4.8), and this one does not keep. */
export function structureProblems(document: Document): readonly string[] {
  const problems: string[] = [];
  const unknown = Object.keys(document).filter((key) => !TOP.includes(key) && !key.startsWith('x-'));
  problems.push(...unknown.map((key) => `${key} is no part of a document`));
  if (!/^3\.1\.\d+$/.test(document.openapi)) problems.push('it is not of OpenAPI 3.1');
  if (!document.info?.title || !document.info.version) problems.push('info has no title or version');
  for (const [kind, parts] of Object.entries(document.components)) {
    for (const name of Object.keys(parts)) if (!COMPONENT.test(name)) problems.push(`${kind}.${name} is no name`);
  }
  const ids = new Set<string>();
  for (const [path, item] of Object.entries(document.paths)) {
    if (!path.startsWith('/')) problems.push(`${path} does not begin with a slash`);
    for (const [method, operation] of Object.entries(item)) {
      const where = `${method.toUpperCase()} ${path}`;
      if (!METHODS.includes(method)) problems.push(`${where}: no method`);
      if (ids.has(operation.operationId)) problems.push(`${where}: its operationId stands twice`);
      ids.add(operation.operationId);
      problems.push(...operationProblems(document, path, operation).map((problem) => `${where}: ${problem}`));
    }
  }
  return problems;
}

function operationProblems(document: Document, path: string, operation: Operation): string[] {
  const problems = Object.keys(operation)
    .filter((key) => !OPERATION.includes(key))
    .map((key) => `${key} is no part of an operation`);
  const places = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
  const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
  for (const name of places) if (!declared.some((one) => one.name === name)) problems.push(`{${name}} is not declared`);
  for (const { name, required } of declared) {
    if (!places.includes(name)) problems.push(`${name} is not in the path`);
    if (required !== true) problems.push(`${name} must be required`);
  }
  const keys = (operation.parameters ?? []).map((parameter) => `${parameter.in}:${parameter.name}`);
  if (new Set(keys).size < keys.length) problems.push('a parameter stands twice');
  if (operation.parameters?.some(({ schema }) => schema === undefined)) problems.push('a parameter has no schema');
  if (Object.keys(operation.responses).length === 0) problems.push('no response');
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!/^([1-5](\d\d|XX)|default)$/.test(status)) problems.push(`${status} is no status`);
    if (response.$ref === undefined && !response.description) problems.push(`${status} has no description`);
  }
  for (const scheme of (operation.security ?? []).flatMap((one) => Object.keys(one))) {
    if (!(scheme in document.components.securitySchemes)) problems.push(`there is no security scheme ${scheme}`);
  }
  return [...problems, ...referenceProblems(document, operation)];
}

function referenceProblems(document: Document, part: unknown, seen = new Set<string>()): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const { $ref } = part as { $ref?: string };
  if (typeof $ref !== 'string') return Object.values(part).flatMap((one) => referenceProblems(document, one, seen));
  if (seen.has($ref)) return [];
  seen.add($ref);
  const target = targetOf(document, $ref);
  return target === undefined ? [`${$ref} leads nowhere`] : referenceProblems(document, target, seen);
}

const targetOf = (document: Document, reference: string): unknown =>
  reference
    .slice('#/'.length)
    .split('/')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
