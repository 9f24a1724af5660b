import type { FeaturePlan } from './noun.ts';

/** What clients see. */
export const graphqlTemplate = ({ noun: { camel, camelPlural, pascal, snake, words, wordsPlural } }: FeaturePlan) => `
"A ${words}: its owner's alone."
type ${pascal} @key(fields: "id") {
  "The id: \`${snake}_…\`."
  id: ID!
  "What its owner calls it."
  title: String!
  "When it was made."
  createdAt: DateTime!
}

"A page of ${wordsPlural}."
type ${pascal}Connection {
  "The ${wordsPlural} with their cursors."
  edges: [${pascal}Edge!]!
  "Where the page stands."
  pageInfo: PageInfo!
}

"A ${words} in a list."
type ${pascal}Edge {
  "Where it stands in the list."
  cursor: String!
  "The ${words}."
  node: ${pascal}!
}

extend type Query {
  "The viewer's ${wordsPlural}, newest first."
  ${camelPlural}(
    "From 1 to 100, from the newest on."
    first: Int
    "Cursor to go on after."
    after: String
    "From 1 to 100, from the oldest back."
    last: Int
    "Cursor to end before."
    before: String
  ): ${pascal}Connection!
}

"What a new ${words} is made of."
input Create${pascal}Input {
  "What to call it: 1 to 200 characters."
  title: String!
}

"What came of it."
type Create${pascal}Payload {
  "The new ${words}; null where there are user errors."
  ${camel}: ${pascal}
  "Why it was not made."
  userErrors: [UserError!]!
}

extend type Mutation {
  "Makes a ${words}."
  create${pascal}(
    "What to make."
    input: Create${pascal}Input!
  ): Create${pascal}Payload!
}
`;

/** Tables are made by hand and reversibly. */
export const migrationTemplate = ({ noun: { snake }, migration: { className } }: FeaturePlan) => `
import { Migration } from '@mikro-orm/migrations';

export class ${className} extends Migration {
  override up(): void {
    this.addSql(\`
      create table ${snake} (
        id uuid primary key,
        owner_id uuid not null,
        title text not null,
        created_at timestamptz not null
      )\`);
    this.addSql('create index ${snake}_owner on ${snake} (owner_id, id desc)');
  }

  override down(): void {
    this.addSql('drop table ${snake}');
  }
}
`;

/** Through the schema, on real stores. */
export const testTemplate = ({ subgraph, noun: { camel, camelPlural, pascal, words, wordsPlural } }: FeaturePlan) => `
import { newId } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { userViewer, type Viewer } from 'kit/viewer';
import { ${subgraph} } from '../subgraph.ts';

const graph = testSubgraph(${subgraph});
const aPerson = () => userViewer(newId('user'));

const CREATE = \`mutation ($input: Create${pascal}Input!) {
  create${pascal}(input: $input) { ${camel} { id title } userErrors { field code } }
}\`;
const LIST = '{ ${camelPlural}(first: 20) { edges { node { id title } } } }';

interface Created {
  readonly create${pascal}: {
    readonly ${camel}: { readonly id: string; readonly title: string } | null;
    readonly userErrors: readonly { readonly field: readonly string[]; readonly code: string }[];
  };
}

const create = (viewer: Viewer, title: string) => graph.as(viewer).data<Created>(CREATE, { input: { title } });

test('who makes a ${words} finds it in their list', async () => {
  const owner = aPerson();
  const { create${pascal}: created } = await create(owner, '  Mine ');
  expect(created).toMatchObject({ ${camel}: { title: 'Mine' }, userErrors: [] });
  expect(await graph.as(owner).data(LIST)).toEqual({ ${camelPlural}: { edges: [{ node: created.${camel} }] } });
});

test('another person reaches it by no door', async () => {
  const [owner, stranger] = [aPerson(), aPerson()];
  const { create${pascal}: created } = await create(owner, 'Mine');
  const id = created.${camel}?.id ?? '';
  expect(await graph.as(owner).entity('${pascal}', id)).toEqual({ id });
  expect(await graph.as(stranger).entity('${pascal}', id)).toBeNull();
  expect(await graph.anonymously.entity('${pascal}', id)).toBeNull();
  expect(await graph.as(stranger).data(LIST)).toEqual({ ${camelPlural}: { edges: [] } });
});

test('nobody makes one without signing in', async () => {
  const { errors } = await graph.anonymously.run(CREATE, { input: { title: 'Mine' } });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('what is wrong with the input is said', async () => {
  for (const title of ['', ' ', 'x'.repeat(201), 'line\\u0000break']) {
    const { create${pascal}: refused } = await create(aPerson(), title);
    expect(refused).toEqual({ ${camel}: null, userErrors: [{ field: ['title'], code: 'BAD_USER_INPUT' }] });
  }
});

test('twenty ${wordsPlural} are read with one statement', async () => {
  const owner = aPerson();
  for (let number = 1; number <= 20; number++) await create(owner, \`Number \${number}\`);
  expect(await graph.as(owner).queriesOf(LIST)).toBe(1);
});
`;
