import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';
import { byKey } from './testing/rows.ts';

const songs = [
  { id: 'g1', isrc: 'x-1', title: 'Aria', seconds: 60 },
  { id: 'g2', isrc: 'x-2', title: 'Gigue', seconds: 90 },
];
const plays = [
  { id: 'g1', count: 7 },
  { id: 'g2', count: 9 },
];
const OWNER = {
  typeDefs: `${LINK}
    type Query { songs: [Song!]! }
    type Song @key(fields: "id") { id: ID!  title: String!  seconds: Int! }
  `,
  resolvers: { Query: { songs: () => songs }, Song: byKey(songs, 'id') },
};
const play = (id: string) => plays.find((one) => one.id === id)?.count ?? null;
const resolvers = {
  Query: { played: () => plays, latest: () => ({ ...plays[0], title: 'Aria (charts)' }) },
  Song: {
    __resolveReference: (reference: object) => reference,
    count: ({ id }: { id: string }) => play(id),
    pace: ({ id, seconds }: { id: string; seconds: number }) => Number(play(id)) / seconds,
  },
};
const cases = [
  {
    name: 'a stub is extended from its owner’s side',
    query: '{ songs { title count } }',
    data: {
      songs: [
        { title: 'Aria', count: 7 },
        { title: 'Gigue', count: 9 },
      ],
    },
  },
  {
    name: 'and from the side of who extends it',
    query: '{ played { count title } }',
    data: {
      played: [
        { count: 7, title: 'Aria' },
        { count: 9, title: 'Gigue' },
      ],
    },
  },
  {
    name: 'an external field is required',
    query: '{ played { id pace } songs { pace } }',
    data: {
      played: [
        { id: 'g1', pace: 7 / 60 },
        { id: 'g2', pace: 0.1 },
      ],
      songs: [{ pace: 7 / 60 }, { pace: 0.1 }],
    },
  },
  {
    name: 'an external field is provided',
    query: '{ latest { title count } }',
    data: { latest: { title: 'Aria (charts)', count: 7 } },
    fetches: { charts: 1 },
  },
  {
    name: 'the key of a stub is its own',
    query: '{ played { id } }',
    data: { played: [{ id: 'g1' }, { id: 'g2' }] },
    fetches: { charts: 1 },
  },
];

const FIELDS = `count: Int  seconds: Int! @external  title: String! @external  pace: Float @requires(fields: "seconds")`;
const QUERY = 'played: [Song!]!  latest: Song @provides(fields: "title")';
const shared = OWNER.typeDefs.replace('title: String!', 'title: String! @shareable');

const forms: Record<string, string> = {
  'Federation 2': `${LINK} type Query { ${QUERY} } type Song @key(fields: "id") { id: ID!  ${FIELDS} }`,
  'Federation 2 with @external on the key': `${LINK} type Query { ${QUERY} } type Song @key(fields: "id") @extends { id: ID! @external  ${FIELDS} }`,
  'Federation 2 with an extension': `${LINK} type Query { ${QUERY} } extend type Song @key(fields: "id") { id: ID! @external  ${FIELDS} }`,
  'Federation 1 with an extension': `extend type Query { ${QUERY} } extend type Song @key(fields: "id") { id: ID! @external  ${FIELDS} }`,
  'Federation 1 with @extends': `type Query @extends { ${QUERY} } type Song @extends @key(fields: "id") { id: ID! @external  ${FIELDS} }`,
};
for (const [form, typeDefs] of Object.entries(forms)) {
  conformance(
    `@external in ${form}`,
    { owner: { ...OWNER, typeDefs: shared }, charts: { typeDefs, resolvers } },
    cases,
  );
}

/** In Federation 1 an owner says nothing of its version, and value types are shared without a word. */
const old = {
  owner: {
    typeDefs: `
      type Query { songs: [Song!]! }
      type Song @key(fields: "id") @key(fields: "isrc") { id: ID!  isrc: String!  title: String!  length: Length! }
      type Length { seconds: Int!  beats: Int! }
    `,
    resolvers: {
      Query: {
        songs: () => songs.map((song) => ({ ...song, length: { seconds: song.seconds, beats: song.seconds * 2 } })),
      },
      Song: byKey(songs, 'id', 'isrc'),
    },
  },
  rights: {
    typeDefs: `
      extend type Query { longest: Length }
      extend type Song @key(fields: "isrc") { isrc: String! @external  holder: String }
      type Length { seconds: Int!  beats: Int! }
    `,
    resolvers: {
      Query: { longest: () => ({ seconds: 90, beats: 180 }) },
      Song: { __resolveReference: ({ isrc }: { isrc: string }) => ({ isrc, holder: `holder of ${isrc}` }) },
    },
  },
};
conformance('subgraphs of Federation 1 alone', old, [
  {
    name: 'a second key and a value type',
    query: '{ longest { beats } songs { holder length { beats seconds } } }',
    data: {
      longest: { beats: 180 },
      songs: [
        { holder: 'holder of x-1', length: { beats: 120, seconds: 60 } },
        { holder: 'holder of x-2', length: { beats: 180, seconds: 90 } },
      ],
    },
  },
]);
