import { isNonNullType } from 'graphql';
import { placesOf } from '../paths.ts';
import { answerSchema } from './answer-schema.ts';
import { inputTypeOf } from './compile.ts';
import { inputSchema, referenceTo, type SchemaNames } from './input-schema.ts';
import { PROBLEM_TYPE } from './problem.ts';
import type { CompiledOperation, JsonSchema, RestApi } from './rest.ts';

type Part = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 description of a table: bodies by the graph's input types, answers by what the documents select. */
export function openApiOf(api: RestApi, operations: readonly CompiledOperation[]): Part {
  const names: SchemaNames = { scalars: api.scalars ?? {}, components: new Map([['Problem', PROBLEM]]) };
  const paths: Record<string, Record<string, Part>> = {};
  for (const compiled of operations) {
    const { method, path } = compiled.declared;
    const item = (paths[templateOf(path)] ??= {});
    item[method.toLowerCase()] = operationObject(compiled, names);
  }
  return {
    openapi: '3.1.0',
    info: {
      ...{ title: api.title, version: api.version },
      ...(api.description ? { description: api.description } : {}),
    },
    servers: [{ url: api.base }],
    tags: [...new Set(operations.map(({ declared }) => declared.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(names.components),
      responses: { Problem: PROBLEM_RESPONSE },
      headers: HEADERS,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

/** `/things/:id` is `/things/{id}` there. */
const templateOf = (path: string): string => path.replaceAll(/:([^/]+)/g, '{$1}');

function operationObject(compiled: CompiledOperation, names: SchemaNames): Part {
  const { declared } = compiled;
  const parameters = parametersOf(compiled, names);
  return {
    ...{ operationId: declared.id, tags: [declared.tag], summary: declared.summary },
    ...(declared.description ? { description: declared.description } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(declared.body === undefined ? {} : { requestBody: bodyOf(compiled, names) }),
    responses: {
      [declared.status ?? 200]: answerOf(compiled, names),
      default: { $ref: '#/components/responses/Problem' },
    },
    // Whoever has credentials may send them; an empty one says that nobody must.
    security: declared.needsSignIn ? [{ bearer: [] }] : [{}, { bearer: [] }],
  };
}

function parametersOf({ declared, node, schema }: CompiledOperation, names: SchemaNames): readonly Part[] {
  const variable = (name: string) => node.variableDefinitions?.find((one) => one.variable.name.value === name);
  const typeOf = (name: string) => {
    const definition = variable(name);
    return definition && inputTypeOf(schema, definition.type);
  };
  const inPath = placesOf(declared.path).map((name) => {
    const type = typeOf(name);
    return { name, in: 'path', required: true, schema: type ? inputSchema(type, names) : { type: 'string' } };
  });
  const inQuery = (declared.query ?? []).map((name) => {
    const type = typeOf(name);
    return { name, in: 'query', required: isNonNullType(type), schema: type ? inputSchema(type, names) : {} };
  });
  const headers = (declared.headers ?? []).map(({ name, description, values }) => ({
    ...{ name, in: 'header', required: false, description },
    schema: { type: 'string', ...(values ? { enum: values } : {}) },
  }));
  return [...inPath, ...inQuery, ...headers];
}

function bodyOf({ declared, node, schema }: CompiledOperation, names: SchemaNames): Part {
  const definition = node.variableDefinitions?.find(({ variable }) => variable.name.value === declared.body);
  const type = definition && inputTypeOf(schema, definition.type);
  const content = { 'application/json': { schema: type ? inputSchema(type, names) : {} } };
  return { required: declared.isBodyOptional !== true, content };
}

function answerOf(compiled: CompiledOperation, names: SchemaNames): Part {
  const { declared } = compiled;
  const headers = Object.fromEntries(
    Object.keys(HEADERS).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
  const hasBody = declared.status !== 202 && declared.status !== 204;
  const schema = hasBody ? answerSchema(compiled, names) : null;
  if (!schema) return { description: 'It is done.', headers };
  const name = `${declared.id[0]?.toUpperCase()}${declared.id.slice(1)}Answer`;
  names.components.set(name, schema);
  return { description: declared.summary, headers, content: { 'application/json': { schema: referenceTo(name) } } };
}

const text = (description: string): Part => ({ description, schema: { type: 'string' } });
const whole = (description: string): Part => ({ description, schema: { type: 'integer', minimum: 0 } });

const HEADERS: Readonly<Record<string, Part>> = {
  'X-Request-Id': text('What logs know this request by.'),
  RateLimit: text('What is left of each quota (draft-ietf-httpapi-ratelimit-headers).'),
  'RateLimit-Policy': text('The quotas.'),
  'RateLimit-Limit': whole('Requests in a window.'),
  'RateLimit-Remaining': whole('Requests that are left.'),
  'RateLimit-Reset': whole('Seconds until there are more.'),
};

const FIELD_PROBLEM: JsonSchema = {
  type: 'object',
  properties: {
    pointer: { type: ['string', 'null'], description: 'Where in the body (RFC 6901).' },
    detail: { type: 'string' },
    code: { type: 'string' },
  },
  required: ['pointer', 'detail', 'code'],
};

const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'Why it was not done (RFC 9457). The codes are those of GraphQL.',
  properties: {
    type: { type: 'string', const: 'about:blank' },
    title: { type: 'string', description: 'The status in words.' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string', description: 'What is wrong, and what to do.' },
    code: { type: 'string', description: 'Stable: what a client may build on.' },
    requestId: { type: 'string', description: 'What logs know this request by.' },
    retryAfterSeconds: { type: 'number', description: 'How long to wait; also in Retry-After.' },
    errors: { type: 'array', items: FIELD_PROBLEM, description: 'Each of several reasons.' },
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
};

const PROBLEM_RESPONSE: Part = {
  description: 'It was not done.',
  headers: {
    'Retry-After': whole('Seconds to wait.'),
    'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
  },
  content: { [PROBLEM_TYPE]: { schema: referenceTo('Problem') } },
};
