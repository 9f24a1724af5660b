import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';
import { byKey } from './testing/rows.ts';

/** Weather stations: readings come in the unit that is asked for, and forecasts require theirs in a unit of their own. */
const stations = [
  { id: 's1', celsius: 10, hours: [1, 2, 3, 4] },
  { id: 's2', celsius: 20, hours: [5, 6] },
];
type Unit = 'C' | 'F' | 'K';
const convert = (celsius: number, unit: Unit): number =>
  unit === 'C' ? celsius : unit === 'F' ? (celsius * 9) / 5 + 32 : celsius + 273;

interface Brought {
  readonly temperature?: number;
  readonly hours?: readonly { readonly rain: number }[];
  readonly place?: { readonly height: number };
}

const subgraphs = {
  readings: {
    typeDefs: `${LINK}
      type Query { stations: [Station!]!  station(id: ID!): Station }
      type Mutation { calibrate(id: ID!): Station }
      enum Unit { C F K }
      type Station @key(fields: "id") {
        id: ID!
        temperature(unit: Unit! = C): Int
        hours(last: Int!): [Hour!]
        place: Place
        humidity: Int
      }
      type Hour { rain: Int!  wind: Int! }
      type Place { height(unit: String!): Int }
    `,
    resolvers: {
      Query: { stations: () => stations, station: () => stations[0] },
      Mutation: { calibrate: () => stations[1] },
      Station: {
        ...byKey(stations, 'id'),
        temperature: ({ celsius }: { celsius: number }, { unit }: { unit: Unit }) => convert(celsius, unit),
        hours: ({ hours }: { hours: number[] }, { last }: { last: number }) => hours.slice(-last),
        place: () => ({}),
        humidity: () => 60,
      },
      Hour: { rain: (hour: number) => hour, wind: (hour: number) => hour * 10 },
      Place: { height: (_: unknown, { unit }: { unit: string }) => (unit === 'm' ? 100 : 328) },
    },
  },
  forecasts: {
    typeDefs: `${LINK}
      enum Unit { C F K }
      type Station @key(fields: "id") {
        id: ID!
        temperature(unit: Unit! = C): Int @external
        hours(last: Int!): [Hour!] @external
        place: Place @external
        feelsLike: Int @requires(fields: "temperature(unit: F)")
        pressure: Int @requires(fields: "temperature(unit: K) place { height(unit: \\"m\\") }")
        boiling: Int @requires(fields: "place { height(unit: \\"ft\\") }")
        rain: Int @requires(fields: "hours(last: 3) { rain }")
        outlook: String
      }
      type Hour { rain: Int! @external }
      type Place { height(unit: String!): Int @external }
    `,
    resolvers: {
      Station: {
        __resolveReference: (reference: object) => reference,
        feelsLike: ({ temperature }: Brought) => temperature,
        pressure: ({ temperature, place }: Brought) => Number(temperature) + Number(place?.height),
        boiling: ({ place }: Brought) => place?.height,
        rain: ({ hours }: Brought) => hours?.reduce((sum, { rain }) => sum + rain, 0),
        outlook: () => 'fair',
      },
    },
  },
};

const CLIENT_WINS = 'its planner takes the client’s arguments and the required ones for the same field';

conformance('@requires with arguments', subgraphs, [
  {
    name: 'the field is brought with the arguments that are required',
    query: '{ stations { feelsLike } }',
    data: { stations: [{ feelsLike: 50 }, { feelsLike: 68 }] },
    fetches: { readings: 1, forecasts: 1 },
  },
  {
    name: 'with a selection',
    query: '{ stations { rain } }',
    data: { stations: [{ rain: 9 }, { rain: 11 }] },
  },
  {
    name: 'with the arguments on a nested field',
    query: '{ stations { boiling } }',
    data: { stations: [{ boiling: 328 }, { boiling: 328 }] },
  },
  {
    name: 'the client’s own arguments stay the client’s',
    query: '{ stations { temperature(unit: C) feelsLike } }',
    data: {
      stations: [
        { temperature: 10, feelsLike: 50 },
        { temperature: 20, feelsLike: 68 },
      ],
    },
    stockIsWrong: CLIENT_WINS,
  },
  {
    name: 'the client’s defaults as well',
    query: '{ stations { feelsLike temperature } }',
    data: {
      stations: [
        { feelsLike: 50, temperature: 10 },
        { feelsLike: 68, temperature: 20 },
      ],
    },
    stockIsWrong: CLIENT_WINS,
  },
  {
    name: 'the client’s variables as well',
    query:
      'query ($unit: Unit!, $last: Int!) { stations { temperature(unit: $unit) feelsLike hours(last: $last) { wind } rain } }',
    variables: { unit: 'K', last: 1 },
    data: {
      stations: [
        { temperature: 283, feelsLike: 50, hours: [{ wind: 40 }], rain: 9 },
        { temperature: 293, feelsLike: 68, hours: [{ wind: 60 }], rain: 11 },
      ],
    },
    stockIsWrong: CLIENT_WINS,
  },
  {
    name: 'the same arguments as required are one field',
    query: '{ stations { temperature(unit: F) feelsLike } }',
    data: {
      stations: [
        { temperature: 50, feelsLike: 50 },
        { temperature: 68, feelsLike: 68 },
      ],
    },
    fetches: { readings: 1, forecasts: 1 },
  },
  {
    name: 'another field of the client’s under the required one’s name',
    query: '{ stations { temperature: humidity feelsLike } }',
    data: {
      stations: [
        { temperature: 60, feelsLike: 50 },
        { temperature: 60, feelsLike: 68 },
      ],
    },
    stockIsWrong: CLIENT_WINS,
  },
  {
    name: 'the client’s field under an alias',
    query: '{ stations { cold: temperature(unit: C) warm: temperature(unit: K) feelsLike } }',
    data: {
      stations: [
        { cold: 10, warm: 283, feelsLike: 50 },
        { cold: 20, warm: 293, feelsLike: 68 },
      ],
    },
  },
  {
    name: 'two fields that require one field with different arguments',
    query: '{ stations { feelsLike pressure } }',
    data: {
      stations: [
        { feelsLike: 50, pressure: 383 },
        { feelsLike: 68, pressure: 393 },
      ],
    },
    stockIsWrong: 'its planner brings one value for both',
  },
  {
    name: 'two fields that require a nested field with different arguments',
    query: '{ stations { pressure boiling outlook } }',
    data: {
      stations: [
        { pressure: 383, boiling: 328, outlook: 'fair' },
        { pressure: 393, boiling: 328, outlook: 'fair' },
      ],
    },
    stockIsWrong: 'its planner brings one value for both',
  },
  {
    name: 'all of them with the client’s own between them',
    query: `{
      stations { t: temperature(unit: C) feelsLike temperature(unit: K) pressure place { height(unit: "ft") } boiling hours(last: 1) { rain } rain }
    }`,
    data: {
      stations: [
        {
          t: 10,
          feelsLike: 50,
          temperature: 283,
          pressure: 383,
          place: { height: 328 },
          boiling: 328,
          hours: [{ rain: 4 }],
          rain: 9,
        },
        {
          t: 20,
          feelsLike: 68,
          temperature: 293,
          pressure: 393,
          place: { height: 328 },
          boiling: 328,
          hours: [{ rain: 6 }],
          rain: 11,
        },
      ],
    },
    stockIsWrong: CLIENT_WINS,
  },
  {
    name: 'behind a mutation, which runs once',
    query: 'mutation { calibrate(id: "s2") { feelsLike temperature pressure } }',
    data: { calibrate: { feelsLike: 68, temperature: 20, pressure: 393 } },
    stockIsWrong: CLIENT_WINS,
  },
  {
    name: 'in fragments on the way, where only one is included',
    query: `query ($yes: Boolean!) {
      stations { ...Both @skip(if: $yes) ... @include(if: $yes) { temperature(unit: K) pressure } }
    }
    fragment Both on Station { feelsLike temperature(unit: K) }`,
    variables: { yes: true },
    data: {
      stations: [
        { temperature: 283, pressure: 383 },
        { temperature: 293, pressure: 393 },
      ],
    },
    stockIsWrong: 'it asks for both in one selection, which the subgraph refuses',
  },
]);
