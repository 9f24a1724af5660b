import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Reply } from '../setup/doors.ts';

type Part = Readonly<Record<string, unknown>>;

interface Answers {
  readonly content?: Readonly<Record<string, { readonly schema?: { readonly $ref?: string } }>>;
  readonly $ref?: string;
}

interface Description extends Part {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Record<string, Answers> }>>>>;
}

/** What of an answer is not as an OpenAPI document describes it; empty where all is. */
export type Described = (method: string, path: string, reply: Reply) => readonly string[];

/** Holds answers against an OpenAPI 3.1 document. What it does not name must not be in an answer, either. */
export function describedBy(document: unknown): Described {
  const description = closed(document) as Description;
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(description, 'document');
  return (method, path, reply) => {
    const answers = answersTo(description, method, path, reply.status);
    if (!answers) return [`${method} ${path} with ${reply.status} is not described`];
    const { pointer, content } = resolved(description, answers);
    if (!content) return reply.text === '' ? [] : ['a body, where none is described'];
    const type = reply.headers.get('content-type')?.split(';')[0] ?? '';
    if (!(type in content)) return [`${type} is not described`];
    const isDescribed = ajv.compile({ $ref: `document#${pointer}/content/${escaped(type)}/schema` });
    isDescribed(reply.json);
    return (isDescribed.errors ?? []).map(
      (error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
    );
  };
}

const escaped = (name: string): string => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

interface Found {
  readonly pointer: string;
  readonly answers: Answers;
}

function answersTo(description: Description, method: string, path: string, status: number): Found | null {
  const base = description.servers[0]?.url ?? '';
  const [plain = ''] = path.slice(base.length).split('?');
  for (const [template, item] of Object.entries(description.paths)) {
    const pattern = new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
    const responses = item[method.toLowerCase()]?.responses;
    if (!path.startsWith(base) || !pattern.test(plain) || !responses) continue;
    const key = String(status) in responses ? String(status) : status >= 400 ? 'default' : '';
    const answers = responses[key];
    const pointer = `/paths/${escaped(template)}/${method.toLowerCase()}/responses/${key}`;
    return answers ? { pointer, answers } : null;
  }
  return null;
}

function resolved(
  description: Description,
  { pointer, answers }: Found,
): { pointer: string } & Pick<Answers, 'content'> {
  if (answers.$ref === undefined) return { pointer, ...answers };
  const place = answers.$ref.slice(1);
  const target = place
    .split('/')
    .slice(1)
    .reduce<unknown>((at, name) => (at as Part)[name], description) as Answers;
  return { ...target, pointer: place };
}

/** The same document, whose objects have no other properties than those that it names. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, closed(value)]));
  const isObject = 'properties' in inner && [inner['type']].flat().includes('object');
  return isObject ? { additionalProperties: false, ...inner } : inner;
}
