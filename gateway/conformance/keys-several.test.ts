import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';
import { byKey } from './testing/rows.ts';

/** A port: harbour and customs know crates by keys that only one of them can look up. */
const crates = [
  { id: 'c1', stamp: 's-1', berth: { pier: 'A', place: 1, lane: 'x' }, weight: 12 },
  { id: 'c2', stamp: 's-2', berth: { pier: 'B', place: 2, lane: 'y' }, weight: 7 },
];

const BERTH = 'type Berth @shareable { pier: ID!  place: Int!  lane: String! }';
/** Found by the whole key only, as the subgraph says. */
const byIdAndBerth = {
  __resolveReference: (given: { id?: string; berth?: { place?: number; lane?: string }; weight?: number }) => {
    const { id, berth, weight } = given;
    const crate = crates.find(
      (one) => one.id === id && one.berth.place === berth?.place && one.berth.lane === berth.lane,
    );
    return crate ? { ...crate, weight } : null;
  },
  duty: ({ weight }: { weight?: number }) => (weight === undefined ? null : weight * 10),
};

const mixed = {
  harbour: {
    typeDefs: `${LINK}
      type Crate
        @key(fields: "stamp", resolvable: false)
        @key(fields: "berth { pier place }", resolvable: false)
        @key(fields: "id berth { place lane }", resolvable: false)
        @key(fields: "id") {
        id: ID!  stamp: ID! @shareable  berth: Berth! @shareable  weight: Int!
      }
      ${BERTH}
    `,
    resolvers: { Crate: byKey(crates, 'id') },
  },
  customs: {
    typeDefs: `${LINK}
      type Query { held: [Crate!]! }
      type Crate
        @key(fields: "berth { pier place }", resolvable: false)
        @key(fields: "stamp", resolvable: false)
        @key(fields: "id berth { place lane }")
        @key(fields: "id", resolvable: false) {
        id: ID!  stamp: ID! @shareable  berth: Berth! @shareable
        weight: Int! @external
        duty: Int @requires(fields: "weight")
      }
      ${BERTH}
    `,
    resolvers: { Query: { held: () => crates.map(({ weight: _, ...crate }) => crate) }, Crate: byIdAndBerth },
  },
};

conformance('keys that only some subgraphs look up', mixed, [
  {
    name: 'a subgraph is asked back by a key that it resolves',
    query: '{ held { id weight duty } }',
    data: {
      held: [
        { id: 'c1', weight: 12, duty: 120 },
        { id: 'c2', weight: 7, duty: 70 },
      ],
    },
    stockIsWrong: 'its planner takes the first key, resolvable or not, to return to the subgraph after @requires',
  },
  {
    name: 'and is not asked back where nothing is required',
    query: '{ held { id stamp weight berth { pier } } }',
    data: {
      held: [
        { id: 'c1', stamp: 's-1', weight: 12, berth: { pier: 'A' } },
        { id: 'c2', stamp: 's-2', weight: 7, berth: { pier: 'B' } },
      ],
    },
    fetches: { customs: 1, harbour: 1 },
  },
]);

/** Three registers of a river’s gauges; the middle one is the only bridge between the other two. */
const gauges = [
  { number: 1, code: 'g-1', name: 'Weir', level: 3, silt: 0.5 },
  { number: 2, code: null, name: 'Lock', level: 4, silt: 0.7 },
  { number: 3, code: 'g-3', name: 'Ford', level: null, silt: null },
];
const bridged = {
  map: {
    typeDefs: `${LINK}
      type Query { gauges: [Gauge]! }
      type Gauge @key(fields: "number") { number: Int!  name: String! }
    `,
    resolvers: { Query: { gauges: () => gauges.map(({ number, name }) => ({ number, name })) } },
  },
  bridge: {
    typeDefs: `${LINK}
      type Gauge @key(fields: "number") @key(fields: "code") { number: Int!  code: ID  level: Int }
    `,
    resolvers: { Gauge: byKey(gauges, 'number', 'code') },
  },
  lab: {
    typeDefs: `${LINK}
      type Gauge @key(fields: "code") { code: ID  silt: Float  isClear: Boolean! }
    `,
    resolvers: {
      Gauge: {
        // A gateway may ask for a null key or spare itself the question: the answer is the same.
        __resolveReference: ({ code }: { code: string | null }) =>
          code === null ? null : (gauges.find((one) => one.code === code) ?? null),
        isClear: () => true,
      },
    },
  },
};

conformance('keys that may be null', bridged, [
  {
    name: 'a null key is a null like others',
    query: '{ gauges { name code level } }',
    data: {
      gauges: [
        { name: 'Weir', code: 'g-1', level: 3 },
        { name: 'Lock', code: null, level: 4 },
        { name: 'Ford', code: 'g-3', level: null },
      ],
    },
  },
  {
    name: 'a bridge is crossed with the key that it has',
    query: '{ gauges { name silt } }',
    data: {
      gauges: [
        { name: 'Weir', silt: 0.5 },
        { name: 'Lock', silt: null },
        { name: 'Ford', silt: null },
      ],
    },
    fetches: { map: 1, bridge: 1, lab: 1 },
  },
  {
    name: 'what may not be null takes its entity along',
    query: '{ gauges { name isClear } }',
    data: { gauges: [{ name: 'Weir', isClear: true }, null, { name: 'Ford', isClear: true }] },
  },
]);
