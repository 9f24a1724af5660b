import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';

/** Two depots answer the same questions about one fleet; each has something of its own. */
const fleet = [
  { plate: 'p1', seats: 4, engine: { power: 80, fuel: 'diesel', gears: 5 } },
  { plate: 'p2', seats: 2, engine: { power: 120, fuel: 'petrol', gears: 6 } },
];
const vans = {
  vans: () => fleet,
  van: (_: unknown, { plate }: { plate: string }) => fleet.find((one) => one.plate === plate) ?? null,
};
const subgraphs = {
  north: {
    typeDefs: `${LINK}
      type Query { vans: [Van!]! @shareable  van(plate: ID!): Van @shareable  garage: Garage @shareable }
      type Van { plate: ID! @shareable  seats: Int!  engine: Engine! @shareable }
      type Engine @shareable { power: Int!  fuel: String! }
      type Garage @shareable { vans: [Van!]!  doors: Int  keeper: Keeper }
      type Keeper @key(fields: "id") { id: ID!  nameNorth: String }
    `,
    resolvers: {
      Query: { ...vans, garage: () => ({ vans: fleet, doors: 2, keeper: { id: 'k', nameNorth: 'Nora' } }) },
    },
  },
  south: {
    typeDefs: `${LINK}
      type Query { vans: [Van!]! @shareable  van(plate: ID!): Van @shareable  garage: Garage @shareable }
      type Van @shareable { plate: ID!  engine: Engine!  toll: Int }
      type Engine { power: Int! @shareable  gears: Int! }
      type Garage { vans: [Van!]! @shareable  keeper: Keeper @shareable  gate: String }
      type Keeper @key(fields: "id") { id: ID!  nameSouth: String }
    `,
    resolvers: {
      Query: { ...vans, garage: () => ({ vans: fleet, gate: 'blue', keeper: { id: 'k', nameSouth: 'Saul' } }) },
      Van: { toll: ({ seats }: { seats: number }) => seats * 10 },
      Keeper: { __resolveReference: ({ id }: { id: string }) => ({ id, nameSouth: 'Saul' }) },
    },
  },
};

conformance('@shareable', subgraphs, [
  {
    name: 'one subgraph is enough for what both have',
    query: '{ vans { plate engine { power } } }',
    data: {
      vans: [
        { plate: 'p1', engine: { power: 80 } },
        { plate: 'p2', engine: { power: 120 } },
      ],
    },
  },
  {
    name: 'a root field is asked of both where neither knows all of it',
    query: '{ vans { seats toll } }',
    data: {
      vans: [
        { seats: 4, toll: 40 },
        { seats: 2, toll: 20 },
      ],
    },
    fetches: { north: 1, south: 1 },
  },
  {
    name: 'with the same arguments to both',
    query: 'query ($plate: ID!) { van(plate: $plate) { seats toll engine { fuel gears power } } }',
    variables: { plate: 'p2' },
    data: { van: { seats: 2, toll: 20, engine: { fuel: 'petrol', gears: 6, power: 120 } } },
    fetches: { north: 1, south: 1 },
  },
  {
    name: 'a value object is put together from both',
    query: '{ vans { engine { gears fuel } } }',
    data: { vans: [{ engine: { gears: 5, fuel: 'diesel' } }, { engine: { gears: 6, fuel: 'petrol' } }] },
    fetches: { north: 1, south: 1 },
  },
  {
    name: 'the same root field several times under aliases, each put together',
    query:
      '{ one: van(plate: "p1") { seats toll } two: van(plate: "p2") { toll seats } none: van(plate: "?") { seats toll } }',
    data: { one: { seats: 4, toll: 40 }, two: { toll: 20, seats: 2 }, none: null },
    fetches: { north: 1, south: 1 },
  },
  {
    name: 'lists within shared objects',
    query: '{ garage { doors gate vans { seats toll engine { gears fuel } } keeper { id nameNorth nameSouth } } }',
    data: {
      garage: {
        doors: 2,
        gate: 'blue',
        vans: [
          { seats: 4, toll: 40, engine: { gears: 5, fuel: 'diesel' } },
          { seats: 2, toll: 20, engine: { gears: 6, fuel: 'petrol' } },
        ],
        keeper: { id: 'k', nameNorth: 'Nora', nameSouth: 'Saul' },
      },
    },
  },
]);
