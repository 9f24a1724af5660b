import { conformance } from './testing/conformance.ts';
import { fail, LINK } from './testing/federation.ts';

/** A switchboard whose lines fail in every way: at the root, in lookups, below them, and as a whole subgraph. */
const lines = ['l1', 'l2', 'l3', 'l1'].map((id) => ({ id }));
const subgraphs = {
  board: {
    typeDefs: `${LINK}
      type Query { lines: [Line!]!  board: Board  broken: String  uncoded: String  grid: [[Line]]  mustBreak: String! }
      type Board { lines: [Line]  name: String }
      type Line @key(fields: "id") { id: ID! }
    `,
    resolvers: {
      Query: {
        lines: () => lines,
        board: () => ({ lines: [null, ...lines.slice(0, 2)], name: 'main' }),
        broken: () => fail('BROKEN'),
        uncoded: () => {
          throw new Error('select * from secrets');
        },
        grid: () => [[lines[0], lines[1]], null, [lines[1]]],
        mustBreak: () => fail('MUST'),
      },
    },
  },
  calls: {
    typeDefs: `${LINK}
      type Query { callsBroken: Int }
      type Line @key(fields: "id") { id: ID!  calls: [Call!]  minutes: Int  last: Call  strict: Int! }
      type Call { to: String  seconds: Int!  line: Line }
    `,
    resolvers: {
      Query: { callsBroken: () => fail('CALLS') },
      Line: {
        __resolveReference: async ({ id }: { id: string }) => (id === 'l3' ? fail('NO_LINE') : { id }),
        minutes: ({ id }: { id: string }) => (id === 'l2' ? fail('METER') : 3),
        strict: ({ id }: { id: string }) => (id === 'l2' ? fail('STRICT') : 4),
        calls: ({ id }: { id: string }) => [
          { to: id, seconds: 1 },
          { to: 'x', seconds: id === 'l2' ? null : 2, line: { id: 'l2' } },
        ],
        last: ({ id }: { id: string }) => ({ to: id, seconds: 5, line: { id } }),
      },
      Call: { to: ({ to }: { to: string }) => (to === 'l2' ? fail('SECRET_CALL') : to) },
    },
  },
  bills: {
    typeDefs: `${LINK}
      type Line @key(fields: "id") { id: ID!  minutes: Int @external  bill: Int @requires(fields: "minutes")  debt: Int }
    `,
    resolvers: {
      Line: {
        // All of a lookup fails where one of its references throws at once.
        __resolveReference: (given: { id: string }) => (given.id === 'l3' ? fail('BOOKS') : given),
        bill: ({ minutes }: { minutes?: number | null }) => (minutes == null ? null : minutes * 10),
        debt: () => fail('DEBT'),
      },
    },
  },
  dead: {
    typeDefs: `${LINK}
      type Query { deadOne: Int  deadTwo: Line }
      type Line @key(fields: "id") { id: ID!  ghost: Int  ghostly: Int! }
    `,
    isDown: true,
  },
};

conformance('errors', subgraphs, [
  {
    name: 'a root field’s, beside what is known',
    query: '{ lines { id } broken board { name } }',
    data: { lines: lines.map(({ id }) => ({ id })), broken: null, board: { name: 'main' } },
    errors: ['broken: BROKEN'],
  },
  {
    name: 'under the client’s alias',
    query: '{ a: broken b: broken board { c: name } }',
    data: { a: null, b: null, board: { c: 'main' } },
    errors: ['a: BROKEN', 'b: BROKEN'],
  },
  {
    name: 'without a code is masked',
    query: '{ uncoded }',
    data: { uncoded: null },
    errors: ['uncoded: INTERNAL_SERVER_ERROR'],
  },
  {
    name: 'of a field that may not be null',
    query: '{ board { name } mustBreak }',
    data: null,
    errors: ['mustBreak: MUST'],
  },
  {
    name: 'of several subgraphs at once',
    query: '{ broken callsBroken }',
    data: { broken: null, callsBroken: null },
    errors: ['broken: BROKEN', 'callsBroken: CALLS'],
  },
  {
    name: 'of an entity’s field, at each place where the entity is',
    query: '{ board { lines { id minutes } } grid { minutes } }',
    data: {
      board: { lines: [null, { id: 'l1', minutes: 3 }, { id: 'l2', minutes: null }] },
      grid: [[{ minutes: 3 }, { minutes: null }], null, [{ minutes: null }]],
    },
    errors: ['board.lines.2.minutes: METER', 'grid.0.1.minutes: METER', 'grid.2.0.minutes: METER'],
  },
  {
    name: 'of a whole entity',
    query: '{ lines { id minutes } }',
    data: {
      lines: [
        { id: 'l1', minutes: 3 },
        { id: 'l2', minutes: null },
        { id: 'l3', minutes: null },
        { id: 'l1', minutes: 3 },
      ],
    },
    errors: ['lines.1.minutes: METER', 'lines.2: NO_LINE'],
  },
  {
    name: 'of a lookup as a whole: once, where its entities begin',
    query: '{ lines { id debt } board { name } }',
    data: { lines: lines.map(({ id }) => ({ id, debt: null })), board: { name: 'main' } },
    errors: ['lines: BOOKS'],
  },
  {
    name: 'below an entity, in lists',
    query: '{ board { lines { calls { to } } } }',
    data: { board: { lines: [null, { calls: [{ to: 'l1' }, { to: 'x' }] }, { calls: [{ to: null }, { to: 'x' }] }] } },
    errors: ['board.lines.2.calls.0.to: SECRET_CALL'],
  },
  {
    name: 'that takes a list within an entity',
    query: '{ board { lines { calls { seconds } } } }',
    data: { board: { lines: [null, { calls: [{ seconds: 1 }, { seconds: 2 }] }, { calls: null }] } },
    errors: ['board.lines.2.calls.1.seconds: INTERNAL_SERVER_ERROR'],
  },
  {
    name: 'that takes an entity',
    query: '{ board { lines { id strict } } }',
    data: { board: { lines: [null, { id: 'l1', strict: 4 }, null] } },
    errors: ['board.lines.2.strict: STRICT'],
  },
  {
    name: 'of what is required: what needs it is null without another error',
    query: '{ board { lines { bill } } }',
    data: { board: { lines: [null, { bill: 30 }, { bill: null }] } },
    errors: ['board.lines.2.minutes: METER'],
  },
  {
    name: 'in two subgraphs for one entity',
    query: '{ board { lines { minutes debt } } }',
    data: { board: { lines: [null, { minutes: 3, debt: null }, { minutes: null, debt: null }] } },
    errors: ['board.lines.2.minutes: METER', 'board.lines.1.debt: DEBT', 'board.lines.2.debt: DEBT'],
  },
  {
    name: 'an entity through an entity, under aliases',
    query: '{ board { x: lines { y: last { z: line { w: minutes v: debt } } } } }',
    data: {
      board: {
        x: [null, { y: { z: { w: 3, v: null } } }, { y: { z: { w: null, v: null } } }],
      },
    },
    errors: ['board.x.2.y.z.w: METER', 'board.x.1.y.z.v: DEBT', 'board.x.2.y.z.v: DEBT'],
  },
  {
    name: 'a subgraph that is down costs what it would have answered, field by field at the root',
    query: '{ deadOne alias: deadTwo { id } board { name } }',
    data: { deadOne: null, alias: null, board: { name: 'main' } },
    errors: ['deadOne: SUBGRAPH_UNAVAILABLE', 'alias: SUBGRAPH_UNAVAILABLE'],
  },
  {
    name: 'what is skipped costs nothing',
    query:
      'query ($no: Boolean!, $yes: Boolean! = true) { deadOne @include(if: $no) skipped: deadOne @skip(if: $yes) left: deadOne board { name } }',
    variables: { no: false },
    data: { left: null, board: { name: 'main' } },
    errors: ['left: SUBGRAPH_UNAVAILABLE'],
  },
  {
    name: 'nor does a subgraph of which all is skipped, each field by a condition of its own',
    query:
      'query ($no: Boolean!, $yes: Boolean!) { deadOne @include(if: $no) alias: deadOne @skip(if: $yes) board { name } }',
    variables: { no: false, yes: true },
    data: { board: { name: 'main' } },
  },
  {
    name: 'fields in fragments are told like others, once each',
    query: `query ($no: Boolean!) {
      deadOne ... @skip(if: $no) { deadOne a: deadOne } ... @include(if: $no) { b: deadOne } ...Dead @skip(if: $no)
    } fragment Dead on Query { c: deadOne d: deadTwo { id } }`,
    variables: { no: false },
    data: { deadOne: null, a: null, c: null, d: null },
    errors: ['deadOne', 'a', 'c', 'd'].map((name) => `${name}: SUBGRAPH_UNAVAILABLE`),
  },
]);

conformance('errors of a subgraph that is down, in lookups', subgraphs, [
  {
    name: 'cost each entity’s fields once, and not once each',
    query: '{ board { name lines { id ghost } } }',
    data: { board: { name: 'main', lines: [null, { id: 'l1', ghost: null }, { id: 'l2', ghost: null }] } },
    errors: ['board.lines: SUBGRAPH_UNAVAILABLE'],
  },
  {
    name: 'take what may not be null',
    query: '{ board { name lines { id ghostly } } }',
    data: { board: { name: 'main', lines: [null, null, null] } },
    errors: ['board.lines: SUBGRAPH_UNAVAILABLE'],
  },
]);
