import { startThings, type Things } from '../rest/testing/things.ts';

const running: Things[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((things) => things.stop()));
});

async function asking(environment: Record<string, string>) {
  const things = await startThings({}, environment);
  running.push(things);
  return async (query: string, variables: string) => {
    const body = `{"query":${JSON.stringify(query)},"variables":${variables}}`;
    const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
    const response = await fetch(things.url, { method: 'POST', headers, body });
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
    expect([response.status, errors[0]?.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
    return errors[0]?.message;
  };
}

const WRONG = [
  ['query ($colours: [Colour!]) { things(colours: $colours) { id } }', '{"colours":["REDD"]}'],
  [
    'mutation ($input: ThingInput!) { makeThing(input: $input) { thing { id } } }',
    '{"input":{"name":"a","colou":"RED"}}',
  ],
] as const;

test.each(['true', 'false'])(
  'with INTROSPECTION=%s names of the schema are suggested, or not',
  async (INTROSPECTION) => {
    const ask = await asking({ INTROSPECTION });
    for (const [query, variables] of WRONG) {
      expect((await ask(query, variables))?.includes('Did you mean')).toBe(INTROSPECTION === 'true');
    }
  },
);

test('a value nested deeper than a stack holds is the asker’s error, of a custom scalar too', async () => {
  const ask = await asking({});
  const [open, close] = ['['.repeat(20_000), ']'.repeat(20_000)];
  const [inner, end] = ['{"inner":'.repeat(20_000), '}'.repeat(20_000)];
  const message = 'Variable "$value" is nested more than 500 levels deep.';
  expect(await ask('query ($value: ID!) { thing(id: $value) { id } }', `{"value":${open}${close}}`)).toBe(message);
  const query = 'mutation ($value: Size) { makeThing(input: { name: "a", size: $value }) { thing { id } } }';
  expect(await ask(query, `{"value":${inner}{}${end}}`)).toBe(message);
});
