import { LINK } from './federation.ts';

/**
 * The corpus’s graph: islands, harbours and ships over five subgraphs, with every feature that changes how an operation is
 * planned. Nothing of it has a resolver: `world.ts` makes each value up from its coordinates.
 */
export const typeDefs: Readonly<Record<string, string>> = {
  charts: `${LINK}
    scalar Json
    enum Climate { MILD HARSH WET }
    input Window { from: Int = 1  to: Int  climate: Climate }
    type Query {
      islands(first: Int = 3, window: Window): [Island!]!
      island(id: ID!): Island
      grid: [[Island]!]
      sights: [Sight]
      places: [Place!]
      season: String @shareable
      atlas: Atlas @shareable
    }
    type Mutation { discover(name: String!): Island  forget(id: ID!, quietly: Boolean = true): String }
    interface Place { id: ID!  name: String }
    union Sight = Island | Cave | Harbour
    type Island implements Place @key(fields: "id") {
      id: ID!
      name: String
      area(unit: String = "km"): Float!
      climate: Climate
      depth(unit: String!): Int
      chart: Chart
      caves: [Cave!]
      neighbours(first: Int): [Island]
      nearest: Island
      mayor: Crew @provides(fields: "name")
      tags: [[String]!]
      meta: Json
    }
    type Chart { scale: Int  sheet: Sheet!  cuts: [[Cut!]]  label: String @shareable }
    type Sheet { code: String  year: Int! }
    type Cut { x: Int!  y: Int  island: Island }
    type Cave implements Place { id: ID!  name: String  length: Int!  mouth: Island! }
    type Harbour @key(fields: "code zone { number }") { code: ID!  zone: Zone! }
    type Zone @shareable { number: Int! }
    type Crew @key(fields: "id", resolvable: false) { id: ID!  name: String @external }
    type Atlas @shareable { title: String  pages: [Page]  islands: [Island!] }
    type Page { number: Int! @shareable  text: String @shareable  ink: String }
  `,
  ports: `${LINK}
    type Query {
      harbours(first: Int = 2): [Harbour!]
      atlas: Atlas @shareable
      craft: [Craft!]
      flagship: Ship
      anyCraft(kind: String): Craft
    }
    type Mutation { launch(name: String, sails: [Int!] = [1, 2]): Ship }
    interface Craft @key(fields: "id") { id: ID!  name: String  home: Harbour }
    type Ship implements Craft @key(fields: "id") {
      id: ID!  name: String  home: Harbour  tons: Int  hull: Hull  crew(first: Int = 2): [Crew!]!
    }
    type Raft implements Craft @key(fields: "id") { id: ID!  name: String  home: Harbour  logs: Int!  sister: Raft }
    type Hull { depth: Int  planks: [Plank] }
    type Plank { wood: String  width: Int! }
    type Harbour @key(fields: "code zone { number }") @key(fields: "id") {
      id: ID!  code: ID!  zone: Zone!  berths: Int!  ships(first: Int = 2): [Ship]  island: Island  open: Boolean
    }
    type Zone @shareable { number: Int! }
    type Island @key(fields: "id") { id: ID!  harbours: [Harbour]  ferry: Craft }
    type Crew @key(fields: "id", resolvable: false) { id: ID! }
    type Atlas @shareable { title: String  pages: [Page]  islands: [Island!] }
    type Page { number: Int! @shareable  text: String @shareable  colour: String }
  `,
  people: `${LINK}
    type Query { crew(id: ID!): Crew  crews: [Crew]!  season: String @shareable }
    type Crew @key(fields: "id") @key(fields: "badge") {
      id: ID!  badge: Int!  name: String @shareable  age: Int  friends(first: Int = 2): [Crew!]  ship: Ship  likes: [Like]
    }
    union Like = Ship | Crew | Song
    type Song { title: String  seconds: Int! }
    type Ship @key(fields: "id", resolvable: false) { id: ID! }
  `,
  weather: `${LINK}
    type Island @key(fields: "id") {
      id: ID!
      climate: Climate @external
      name: String @external
      depth(unit: String!): Int @external
      wind(hours: Int = 1): Int
      storm: Storm
      warning: String @requires(fields: "climate name")
      tide: String @requires(fields: "depth(unit: \\"m\\")")
      dredging: String @requires(fields: "depth(unit: \\"ft\\") name")
    }
    enum Climate { MILD HARSH WET }
    type Storm { force: Int!  path: [Int]  name: String }
    type Ship @key(fields: "id") {
      id: ID!
      hull: Hull @external
      tons: Int @external
      toll: Int @requires(fields: "tons hull { depth planks { width } }")
    }
    type Hull { depth: Int @external  planks: [Plank] @external }
    type Plank { width: Int! @external }
    type Crew @key(fields: "badge") { badge: Int!  mood: String  shifts(first: Int = 2): [Shift!] }
    type Shift { hour: Int!  note: String }
  `,
  ledger: `${LINK}
    type Craft @key(fields: "id") @interfaceObject {
      id: ID!
      name: String @external
      value: Int
      insured: Boolean!
      report: String @requires(fields: "name")
      owner: Owner
    }
    type Owner { name: String!  since: Int  crafts: [Craft!] }
    type Query { valued: [Craft!]  total: Int! }
  `,
};

/** What a computed field requires, as a client would select it. */
export const requirements: Readonly<Record<string, string>> = {
  'Island.warning': '{ climate name }',
  'Island.tide': '{ depth(unit: "m") }',
  'Island.dredging': '{ depth(unit: "ft") name }',
  'Craft.report': '{ name }',
  'Ship.toll': '{ tons hull { depth planks { width } } }',
};

/** Lookups that miss some entities; none of these subgraphs hands out the type by itself. */
export const mayBeMissing: ReadonlySet<string> = new Set(['weather Island', 'weather Crew', 'weather Ship']);

/** The stock gateway’s planner mixes up requirements with arguments; it is spared these fields. */
export const hardForStock: ReadonlySet<string> = new Set(['Island.dredging', 'Island.tide']);
