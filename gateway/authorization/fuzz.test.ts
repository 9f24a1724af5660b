import {
  executeSync,
  Kind,
  parse,
  print,
  validate,
  visit,
  type DocumentNode,
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLTypeResolver,
} from 'graphql';
import type { ViewerAccess } from './requirement.ts';
import {
  expandedWithRefusals,
  INTERFACE_RULES,
  isOpen,
  randomAccess,
  randomOperation,
  RULES,
  SDL,
  seeded,
  type Judge,
} from './testing/random.ts';
import { composed, graphOf, linked, type TestGraph } from './testing/graph.ts';

const supergraphSdl = composed(linked(SDL));
/** As composition made them before it copied requirements to interfaces. */
const olderSdl = supergraphSdl.replace(/(interface Item\n[^}]*)}/, (text) =>
  text.replaceAll(/ @(authenticated|requiresScopes\(.*\))/g, ''),
);

interface Subject extends Judge {
  readonly graph: TestGraph;
}
const graph = graphOf(supergraphSdl);
const { schema } = graph;
const older = graphOf(olderSdl);
const subjects: readonly (readonly [string, Subject])[] = [
  ['interfaces carry', { graph, schema, rules: { ...RULES, ...INTERFACE_RULES } }],
  ['interfaces lack', { graph: older, schema: older.schema, rules: RULES }],
];
const TYPES = ['Book', 'Film', 'Vault'];

interface Value {
  readonly __typename: string;
  readonly depth: number;
}

/** Answers any field with a canary of its name, or with an object; notes every field that it was asked for. */
const answering =
  (asked: Set<string>): GraphQLFieldResolver<Value | undefined, unknown> =>
  (parent, _arguments, _context, { parentType, fieldName, returnType }) => {
    asked.add(`${parentType.name}.${fieldName}`);
    const depth = (parent?.depth ?? 0) + 1;
    const named = String(returnType).replaceAll(/[[\]!]/g, '');
    const one = (index: number): unknown => {
      if (['String', 'ID', 'Money'].includes(named)) return `canary of ${parentType.name}.${fieldName}`;
      if (named === 'Mood') return 'GOOD';
      const possible = ['Item', 'Found'].includes(named) ? TYPES.slice(0, named === 'Item' ? 2 : 3) : [named];
      return { __typename: possible[(index + depth) % possible.length], depth };
    };
    return String(returnType).startsWith('[') ? [one(0), one(1)] : one(0);
  };

const typeOf: GraphQLTypeResolver<Value, unknown> = ({ __typename }) => __typename;
const TYPE_ALIAS = 'hidden_typename';

/** As planners do, asks every object for its type. */
const withTypenames = (document: DocumentNode): DocumentNode =>
  visit(document, {
    SelectionSet: (set) => ({
      ...set,
      selections: [
        ...set.selections,
        {
          kind: Kind.FIELD,
          name: { kind: Kind.NAME, value: '__typename' },
          alias: { kind: Kind.NAME, value: TYPE_ALIAS },
        } satisfies FieldNode,
      ],
    }),
  });

const dataOf = (document: DocumentNode, variableValues: Record<string, unknown>, asked = new Set<string>()): unknown =>
  executeSync({
    schema,
    document,
    variableValues,
    fieldResolver: answering(asked) as GraphQLFieldResolver<unknown, unknown>,
    typeResolver: typeOf as GraphQLTypeResolver<unknown, unknown>,
  }).data;

/** The reference for shaping: the operation as asked, over what was fetched, with its refused nodes null. */
function shaped(
  document: DocumentNode,
  refused: ReadonlySet<FieldNode>,
  fetched: unknown,
  variableValues: Record<string, unknown>,
): unknown {
  const fieldResolver: GraphQLFieldResolver<unknown, unknown> = (parent, _arguments, _context, { fieldNodes, path }) =>
    fieldNodes.every((node) => refused.has(node)) ? null : (parent as Record<string, unknown>)[path.key];
  const typeResolver: GraphQLTypeResolver<unknown, unknown> = (value) => (value as Record<string, string>)[TYPE_ALIAS];
  return executeSync({ schema, document, rootValue: fetched, variableValues, fieldResolver, typeResolver }).data;
}

/** The full answer with refused parts null, computed the long way: everything written out, each node judged where it is. */
function expected(
  judge: Judge,
  document: DocumentNode,
  access: ViewerAccess,
  variableValues: Record<string, unknown>,
): unknown {
  const { expanded, refused } = expandedWithRefusals(judge, document, access);
  const answer = answering(new Set());
  const fieldResolver: GraphQLFieldResolver<unknown, unknown> = (parent, args, context, info) =>
    info.fieldNodes.every((node) => refused.has(node)) ? null : answer(parent as Value, args, context, info);
  const typeResolver = typeOf as GraphQLTypeResolver<unknown, unknown>;
  return executeSync({ schema, document: expanded, variableValues, fieldResolver, typeResolver }).data;
}

interface Trial {
  readonly text: string;
  readonly access: ViewerAccess;
  readonly variables: Record<string, unknown>;
}

/** What is wrong with one trial, if anything; `hasRefused` tells whether it tried something. */
function run(
  subject: Subject,
  { text, access, variables }: Trial,
): { readonly wrong: string | null; readonly hasRefused: boolean } {
  const document = parse(text);
  const operation = document.definitions[0];
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const filtered = subject.graph.authorization?.analyse(document, operation)?.filter(access);
  const left = filtered ? filtered.document : document;
  const invalid = left ? validate(schema, left) : [];
  if (left && invalid.length > 0) return { wrong: `${print(left)} ${invalid.join()}`, hasRefused: true };
  const asked = new Set<string>();
  const fetched = left ? dataOf(withTypenames(left), variables, asked) : {};
  const leaked = [...asked].filter((coordinate) => !isOpen(subject, coordinate, access));
  if (leaked.length > 0) return { wrong: `leaked ${leaked.join()}`, hasRefused: true };
  const got = shaped(filtered?.shape ?? document, filtered?.refusedFields ?? new Set(), fetched, variables);
  const [is, should] = [got, expected(subject, document, access, variables)].map((data) => JSON.stringify(data));
  return { wrong: is === should ? null : `${is}\nin place of\n${should}`, hasRefused: filtered?.key !== '' };
}

test.each(subjects)(
  'where %s what types behind them ask, random operations fetch nothing refused and keep all else',
  (_name, subject) => {
    const random = seeded(20_261_126);
    let tried = 0;
    let trying = 0;
    while (tried < 400) {
      const text = randomOperation(schema, random);
      if (validate(schema, parse(text)).length > 0) continue;
      const trial = { text, access: randomAccess(random), variables: { yes: random() < 0.5, no: random() < 0.5 } };
      const { wrong, hasRefused } = run(subject, trial);
      if (wrong !== null) throw new Error(`${text}\n${JSON.stringify(trial.variables)}\n${wrong}`);
      tried += 1;
      if (hasRefused) trying += 1;
    }
    expect(trying).toBeGreaterThan(200);
  },
);

describe('a value that was fetched for another reason', () => {
  const anonymous = { isAuthenticated: false, scopes: new Set<string>(), policies: new Set<string>() };
  const shapedFor = (text: string, fetched: unknown): unknown => {
    const document = parse(text);
    const operation = document.definitions[0];
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
    const filtered = graph.authorization?.analyse(document, operation)?.filter(anonymous);
    return shaped(filtered?.shape ?? document, filtered?.refusedFields ?? new Set(), fetched, {});
  };
  const [book, film] = [{ [TYPE_ALIAS]: 'Book' }, { [TYPE_ALIAS]: 'Film' }];

  test('is not shown in a refused field’s place', () => {
    const fetched = { book: { ...book, id: '1', title: 'Emma', secret: 'fetched as a key' } };
    expect(shapedFor('{ book { id secret title } }', fetched)).toEqual({
      book: { id: '1', secret: null, title: 'Emma' },
    });
  });

  test('is not shown below a refused field whose object another fragment may fetch', () => {
    const fetched = { items: [{ ...book, peers: [{ ...film, id: '1', title: 'fetched as a key' }] }, film] };
    expect(shapedFor('{ items { peers { title } ... on Book { peers { id } } } }', fetched)).toEqual({
      items: [{ peers: [{ title: null, id: '1' }] }, { peers: null }],
    });
  });
});
