import { Ajv2020 } from 'ajv/dist/2020.js';
import { buildSchema } from 'graphql';
import { compileRest } from './compile.ts';
import { openApiOf } from './openapi.ts';
import { PROBLEM_TYPE } from './problem.ts';
import type { RestApi } from './rest.ts';
import { structureProblems, type Document } from './testing/structure.ts';
import { api, startThings, type Things } from './testing/things.ts';

let things: Things;
let document: Document;
let ajv: Ajv2020;

beforeAll(async () => {
  things = await startThings();
  const response = await fetch(`${things.origin}/v1/openapi.json`);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  document = (await response.json()) as Document;
  ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'document');
});
afterAll(() => things.stop());

const schemaAt = (pointer: string) => ajv.compile({ $ref: `document#${pointer}` });

test('the document is one of OpenAPI 3.1, and every schema and reference in it holds', async () => {
  expect(await structureProblems(document)).toEqual([]);
  for (const name of Object.keys(document.components.schemas)) {
    expect(typeof schemaAt(`/components/schemas/${name}`)).toBe('function');
  }
});

test('the structure check finds what is wrong', async () => {
  const broken = structuredClone(document);
  Object.assign(broken.paths['/things/{id}']?.['get'] ?? {}, { parameters: [], responses: { 2: {} } });
  Object.assign(broken.components, { responses: {} });
  const problems = await structureProblems(broken);
  expect(problems).toEqual(
    expect.arrayContaining([
      'GET /things/{id}: {id} is not declared',
      'GET /things: #/components/responses/Problem leads nowhere',
    ]),
  );
  expect(problems.filter((problem) => problem.startsWith('#/paths/~1things~1%7Bid%7D/get/responses'))).not.toEqual([]);
});

test('every operation of the table is described, with its places, parameters, body and answers', () => {
  const described = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { operationId }]) => `${operationId}: ${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(
    api.operations.map(({ id, method, path }) => `${id}: ${method} ${path.replace(/:(\w+)/, '{$1}')}`).sort(),
  );
  expect(document.paths['/people/{me}']?.['put']?.security).toEqual([{ bearer: [] }]);
  expect(document.paths['/things']?.['get']?.parameters).toEqual([
    {
      name: 'first',
      in: 'query',
      required: false,
      schema: expect.objectContaining({ type: ['integer', 'null'] }) as unknown,
    },
    {
      name: 'colours',
      in: 'query',
      required: false,
      schema: expect.objectContaining({ type: ['array', 'null'] }) as unknown,
    },
    { name: 'isNew', in: 'query', required: false, schema: { type: ['boolean', 'null'] } },
  ]);
});

test('a body is what the input type takes: required fields, defaults, enums, itself within itself, and nothing else', () => {
  const isBody = schemaAt('/components/schemas/ThingInput');
  expect(isBody({ name: 'cube', colour: 'GREEN', size: { width: 1, inner: { width: 2, height: null } } })).toBe(true);
  expect(isBody({ name: 'cube', size: {} })).toBe(true);
  expect(isBody({})).toBe(false);
  expect(isBody({ name: 'cube', colour: 'BLUE' })).toBe(false);
  expect(isBody({ name: 'cube', role: 'admin' })).toBe(false);
  expect(isBody({ name: 'cube', size: { width: 1.5 } })).toBe(false);
  expect(document.components.schemas['ThingInput']).toMatchObject({ properties: { colour: { default: 'RED' } } });
});

test('what is answered is what is described', async () => {
  const { origin } = things;
  const thing = (await (await fetch(`${origin}/v1/things/1`)).json()) as Record<string, unknown>;
  const isThing = schemaAt('/components/schemas/GetThingAnswer');
  expect([isThing(thing), isThing.errors]).toEqual([true, null]);
  expect(isThing({ ...thing, weight: 'heavy' })).toBe(false);
  expect(isThing({ ...thing, holder: { __typename: 'Shelf', height: 'tall' } })).toBe(false);
  const { name: _, ...nameless } = thing;
  expect(isThing(nameless)).toBe(false);
  expect(schemaAt('/components/schemas/ListThingsAnswer')(await (await fetch(`${origin}/v1/things`)).json())).toBe(
    true,
  );
  const made = await fetch(`${origin}/v1/things`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name": "taken"}',
  });
  expect(made.headers.get('content-type')).toBe(PROBLEM_TYPE);
  const isProblem = schemaAt('/components/schemas/Problem');
  expect([isProblem(await made.json()), isProblem.errors]).toEqual([true, null]);
});

test('an operation without a body has none described, and a part is described alone', () => {
  const forget = document.paths['/things/all']?.['delete']?.responses['204'];
  expect(forget).not.toHaveProperty('content');
  expect(document.components.schemas['MakeThingAnswer']).toMatchObject({
    required: expect.arrayContaining(['name']) as unknown,
  });
  expect(document.components.schemas['MakeThingAnswer']).not.toHaveProperty('properties.thing');
});

test('an input of which one field is given, and scalars nobody has described', () => {
  const schema = buildSchema(`
    scalar Whatever
    input Choice @oneOf { a: Int b: String }
    type Query { chosen(input: Choice!): Chosen }
    type Chosen { it: Whatever }
  `);
  const table: RestApi = {
    ...{ base: '/v1', title: 'Choices', version: '1' },
    operations: [
      {
        ...{ id: 'choose', method: 'POST', path: '/choices', tag: 'choices', summary: 'One.', body: 'input' },
        document: 'query ($input: Choice!) { chosen(input: $input) { it } }',
      },
    ],
  };
  const { components } = openApiOf(table, compileRest(table, schema)) as unknown as Document;
  expect(components.schemas['Choice']).toMatchObject({ minProperties: 1, maxProperties: 1 });
  expect(components.schemas['ChooseAnswer']).toMatchObject({ properties: { it: {} } });
});
