import { conformance } from './testing/conformance.ts';
import { fail, LINK } from './testing/federation.ts';

/** A mail-order house: the warehouse lists parcels, the couriers answer for some of them, badly. */
const parcels = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
const refs = (...ids: (string | null)[]) => ids.map((id) => (id === null ? null : { id }));

const subgraphs = {
  warehouse: {
    typeDefs: `${LINK}
      type Query {
        parcels: [Parcel]
        strict: [Parcel!]
        strictest: [Parcel!]!
        nullableGrid: [[Parcel]]
        grid: [[Parcel!]!]!
        halfGrid: [[Parcel!]]
        depot: Depot
        mustDepot: Depot!
        scalars: [[[Int]!]]
      }
      type Depot { name: String  inner: Inner!  maybe: Inner }
      type Inner { parcel: Parcel!  parcels: [Parcel!]!  loose: [Parcel]! }
      type Parcel @key(fields: "id") { id: ID! }
    `,
    resolvers: {
      Query: {
        parcels: () => refs('a', null, 'bad', 'gone', 'c'),
        strict: () => refs('a', 'gone', 'c'),
        strictest: () => parcels,
        nullableGrid: () => [refs('a', 'gone'), null, refs(), refs(null)],
        grid: () => [refs('a'), refs('gone', 'b')],
        halfGrid: () => [refs('a'), refs('gone', 'b'), null, refs('c')],
        depot: () => ({
          name: 'East',
          inner: { parcel: { id: 'gone' }, parcels, loose: refs('gone', 'a') },
          maybe: { parcel: { id: 'bad' }, parcels: [], loose: [] },
        }),
        mustDepot: () => ({ name: 'West', inner: { parcel: { id: 'gone' }, parcels: [], loose: [] }, maybe: null }),
        scalars: () => [[[1, null], []], null, []],
      },
    },
  },
  couriers: {
    typeDefs: `${LINK}
      type Parcel @key(fields: "id") { id: ID!  weight: Int!  note: String  sender: Person!  carrier: Person }
      type Person @key(fields: "name") { name: ID! }
    `,
    resolvers: {
      Parcel: {
        __resolveReference: ({ id }: { id: string }) => (id === 'gone' ? null : { id }),
        weight: ({ id }: { id: string }) => (id === 'bad' ? fail('SCALES') : id.charCodeAt(0)),
        note: ({ id }: { id: string }) => (id === 'bad' ? fail('INK') : `note ${id}`),
        sender: ({ id }: { id: string }) => ({ name: id === 'b' ? 'nobody' : 'Pim' }),
        carrier: ({ id }: { id: string }) => (id === 'b' ? { name: 'nobody' } : null),
      },
    },
  },
  people: {
    typeDefs: `${LINK}
      type Person @key(fields: "name") { name: ID!  phone: String!  motto: String }
    `,
    resolvers: {
      Person: {
        __resolveReference: ({ name }: { name: string }) =>
          name === 'nobody' ? null : { name, phone: '112', motto: null },
      },
    },
  },
};

/** An entity that is gone is nobody’s error, but an answer without any data has one (7.1.2 of the specification). */
const UNEXPLAINED = ': SUBGRAPH_INVALID_RESPONSE';

conformance('nulls', subgraphs, [
  {
    name: 'a nullable field of an entity that is gone is null, and nothing more',
    query: '{ parcels { id note } }',
    data: {
      parcels: [
        { id: 'a', note: 'note a' },
        null,
        { id: 'bad', note: null },
        { id: 'gone', note: null },
        { id: 'c', note: 'note c' },
      ],
    },
    errors: ['parcels.2.note: INK'],
  },
  {
    name: 'a field that may not be null takes its element, with the subgraph’s own error or with none',
    query: '{ parcels { id weight } }',
    data: { parcels: [{ id: 'a', weight: 97 }, null, null, null, { id: 'c', weight: 99 }] },
    errors: ['parcels.2.weight: SCALES'],
  },
  { name: 'an element that may not be null takes the list', query: '{ strict { weight } }', data: { strict: null } },
  {
    name: 'a list that may not be null takes the whole answer',
    query: '{ strictest { sender { phone } } }',
    data: null,
    errors: [UNEXPLAINED],
  },
  {
    name: 'other fields beside it go with it',
    query: '{ parcels { id } strictest { sender { phone } } scalars }',
    data: null,
    errors: [UNEXPLAINED],
  },
  {
    name: 'where it is not asked for it takes nothing',
    query: '{ strictest { sender { name motto } } }',
    data: {
      strictest: [
        { sender: { name: 'Pim', motto: null } },
        { sender: { name: 'nobody', motto: null } },
        { sender: { name: 'Pim', motto: null } },
      ],
    },
  },
  {
    name: 'the nearest nullable field two subgraphs away stops it',
    query: '{ strictest { id carrier { phone } } }',
    data: {
      strictest: [
        { id: 'a', carrier: null },
        { id: 'b', carrier: null },
        { id: 'c', carrier: null },
      ],
    },
  },
  {
    name: 'lists of lists that may be null keep their shape',
    query: '{ nullableGrid { weight } scalars }',
    data: { nullableGrid: [[{ weight: 97 }, null], null, [], [null]], scalars: [[[1, null], []], null, []] },
  },
  {
    name: 'lists of lists take the inner list',
    query: '{ halfGrid { weight } }',
    data: { halfGrid: [[{ weight: 97 }], null, null, [{ weight: 99 }]] },
  },
  { name: 'or everything', query: '{ grid { weight } }', data: null, errors: [UNEXPLAINED] },
  {
    name: 'objects on the way go too',
    query: '{ depot { name inner { loose { weight } } } other: depot { name inner { parcel { weight } } } }',
    data: { depot: { name: 'East', inner: { loose: [null, { weight: 97 }] } }, other: null },
  },
  {
    name: 'a nullable object among them stops it',
    query: '{ depot { name maybe { parcel { weight } } inner { parcel { id note } } } }',
    data: { depot: { name: 'East', maybe: null, inner: { parcel: { id: 'gone', note: null } } } },
    errors: ['depot.maybe.parcel.weight: SCALES'],
  },
  {
    name: 'a root field that may not be null',
    query: '{ mustDepot { inner { parcel { weight } } } }',
    data: null,
    errors: [UNEXPLAINED],
  },
  {
    name: 'a field that fails under two aliases',
    query: '{ parcels { one: note two: note } }',
    data: {
      parcels: [
        { one: 'note a', two: 'note a' },
        null,
        { one: null, two: null },
        { one: null, two: null },
        { one: 'note c', two: 'note c' },
      ],
    },
    errors: ['parcels.2.one: INK', 'parcels.2.two: INK'],
  },
]);
