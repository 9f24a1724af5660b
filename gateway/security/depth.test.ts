import { getIntrospectionQuery, parse } from 'graphql';
import { startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { measureDocument } from './measure.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

const refusalOf = async (query: string) => {
  const { status, errors } = await gateway.query(query);
  return { status, ...errors?.[0]?.extensions };
};
/** `levels` levels of fields, leaf included, below which nothing follows. */
const nested = (levels: number) => `book(id: 1) { ${'sequel { '.repeat(levels - 2)}id${' }'.repeat(levels - 1)}`;
const tooDeep = (measured: number, limit = 12) => ({ status: 400, code: 'DEPTH_LIMIT_EXCEEDED', measured, limit });

test('twelve levels are answered, thirteen refused with the measured value', async () => {
  expect((await gateway.query(`{ ${nested(12)} }`)).status).toBe(200);
  expect(await refusalOf(`{ ${nested(13)} }`)).toEqual(tooDeep(13));
});

test('graphql’s own introspection query is answered, a deeper one refused', async () => {
  expect(measureDocument(parse(getIntrospectionQuery())).introspectionDepth).toBe(15);
  expect((await gateway.query(getIntrospectionQuery())).errors).toBeUndefined();
  const deeper = `{ __schema { types { fields { type { ${'ofType { '.repeat(11)}name${' }'.repeat(11)} } } } } }`;
  expect(await refusalOf(deeper)).toEqual(tooDeep(16, 15));
});

test.each([
  ['an operation', `query __schema { ${nested(20)} }`],
  ['a fragment', `{ ...__schema } fragment __schema on Query { ${nested(20)} }`],
  ['an alias', `{ __schema: ${nested(20)} }`],
  [
    'a fragment beside true introspection',
    `{ __schema { queryType { name } } ...__type } fragment __type on Query { ${nested(20)} }`,
  ],
])('%s named like introspection is measured all the same', async (_name, query) => {
  expect(await refusalOf(query)).toEqual(tooDeep(20));
});

test('depth counts through fragments, one inside the other', async () => {
  const fragment = (name: string, inner: string) =>
    `fragment ${name} on Book { sequel { sequel { sequel { sequel { ${inner} } } } } }`;
  const query = `{ book(id: 1) { ...a } } ${fragment('a', '...b')} ${fragment('b', '...c')} ${fragment('c', 'id')}`;
  expect(await refusalOf(query)).toEqual(tooDeep(14));
});

test('fragments that multiply are refused at once', async () => {
  const bomb = Array.from(
    { length: 30 },
    (_, index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`,
  );
  const query = `{ ...f0 } ${bomb.join(' ')} fragment f30 on Query { me }`;
  const startedAt = performance.now();
  const { status } = await refusalOf(query);
  expect(status).toBe(400);
  expect(performance.now() - startedAt).toBeLessThan(1000);
  expect(measureDocument(parse(query)).selections).toBe(2 ** 30);
});

test('fragments in a circle are refused', async () => {
  const query =
    '{ book(id: 1) { ...a } } fragment a on Book { sequel { ...b } } fragment b on Book { sequel { ...a } }';
  expect(await refusalOf(query)).toEqual({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' });
});

test('a document of too many tokens is refused before it is read whole', async () => {
  const { status, errors } = await gateway.query(`{ ${'me '.repeat(3000)} }`);
  expect([status, errors?.[0]?.extensions['code']]).toEqual([400, 'GRAPHQL_PARSE_FAILED']);
});
