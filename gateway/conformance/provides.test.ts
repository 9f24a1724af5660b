import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';
import { byKey, find } from './testing/rows.ts';

/** A museum: the guide knows some of what the archive owns, on the paths where it says so. */
const works = [
  { id: 'w1', title: 'Nocturne', year: 1875, room: { id: 'r1' }, artist: { id: 'a1' } },
  { id: 'w2', title: 'Harbour', year: 1881, room: { id: 'r2' }, artist: { id: 'a2' } },
];
const rooms = [
  { id: 'r1', name: 'East', floor: { id: 'f1', level: 1 } },
  { id: 'r2', name: 'West', floor: { id: 'f2', level: 2 } },
];
/** The guide’s own copies: told apart from the archive’s, so that a test sees who has answered. */
const guided = works.map((work) => ({ ...work, title: `${work.title} (guide)`, __typename: 'Work' }));
const replicas = [{ __typename: 'Replica', id: 'p1', title: 'Cast (guide)', grade: 'A (guide)' }];

const subgraphs = {
  archive: {
    typeDefs: `${LINK}
      type Query { works: [Work!]! }
      interface Exhibit @key(fields: "id") { id: ID!  title: String  grade: String }
      type Work implements Exhibit @key(fields: "id") {
        id: ID!  title: String @shareable  grade: String @shareable  year: Int @shareable  room: Room @shareable
      }
      type Replica implements Exhibit @key(fields: "id") { id: ID!  title: String @shareable  grade: String @shareable }
      type Room @key(fields: "id") { id: ID!  name: String @shareable  floor: Floor @shareable }
      type Floor @key(fields: "id") { id: ID!  level: Int @shareable }
    `,
    resolvers: {
      Query: { works: () => works },
      Work: {
        ...byKey(works, 'id'),
        room: ({ room }: (typeof works)[number]) => find(rooms, 'id', room.id),
        grade: () => 'archive',
      },
      Replica: { __resolveReference: ({ id }: { id: string }) => ({ id, title: 'Cast', grade: 'B' }) },
      Room: byKey(rooms, 'id'),
      Floor: { __resolveReference: ({ id }: { id: string }) => ({ id, level: Number(id.slice(1)) }) },
      Exhibit: { __resolveReference: ({ id }: { id: string }) => find(works, 'id', id) },
    },
  },
  guide: {
    typeDefs: `${LINK}
      type Query {
        highlight: Work @provides(fields: "title")
        plain: Work
        tour: [Work!]! @provides(fields: "room { name floor { level } }")
        shelf: [Exhibit!] @provides(fields: "... on Work { title } ... on Replica { title grade }")
        corner: [Thing!] @provides(fields: "... on Work { title } ... on Room { name }")
      }
      interface Exhibit { id: ID!  title: String  grade: String }
      union Thing = Work | Room
      type Work implements Exhibit @key(fields: "id") {
        id: ID!  title: String @external  grade: String @external  room: Room @external
        caption: String
      }
      type Replica implements Exhibit @key(fields: "id") { id: ID!  title: String @external  grade: String @external }
      type Room @key(fields: "id") { id: ID!  name: String @external  floor: Floor @external }
      type Floor @key(fields: "id") { id: ID!  level: Int @external }
    `,
    resolvers: {
      Query: {
        highlight: () => guided[0],
        plain: () => guided[0],
        tour: () =>
          guided.map((work) => ({
            ...work,
            room: { id: work.room.id, name: 'Here (guide)', floor: { id: 'f9', level: 99 } },
          })),
        shelf: () => [guided[1], ...replicas],
        corner: () => [guided[0], { __typename: 'Room', id: 'r2', name: 'Corner (guide)' }],
      },
      Work: { ...byKey(works, 'id'), caption: ({ id }: { id: string }) => `Number ${id}` },
    },
  },
};

conformance('@provides', subgraphs, [
  {
    name: 'what is provided is asked of nobody else',
    query: '{ highlight { title caption } }',
    data: { highlight: { title: 'Nocturne (guide)', caption: 'Number w1' } },
    fetches: { guide: 1 },
  },
  {
    name: 'only on the path that provides it',
    query: '{ plain { title caption } }',
    data: { plain: { title: 'Nocturne', caption: 'Number w1' } },
    fetches: { guide: 1, archive: 1 },
  },
  {
    name: 'what is not provided comes from its owner',
    query: '{ highlight { title year } }',
    data: { highlight: { title: 'Nocturne (guide)', year: 1875 } },
    fetches: { guide: 1, archive: 1 },
  },
  {
    name: 'nested objects',
    query: '{ tour { room { name floor { level } } } }',
    data: {
      tour: [
        { room: { name: 'Here (guide)', floor: { level: 99 } } },
        { room: { name: 'Here (guide)', floor: { level: 99 } } },
      ],
    },
    fetches: { guide: 1 },
  },
  {
    name: 'an interface, and more on one of its types',
    query: '{ shelf { __typename title ... on Replica { grade } } }',
    data: {
      shelf: [
        { __typename: 'Work', title: 'Harbour (guide)' },
        { __typename: 'Replica', title: 'Cast (guide)', grade: 'A (guide)' },
      ],
    },
    fetches: { guide: 1 },
  },
  {
    name: 'a type of the interface on which it is not provided',
    query: '{ shelf { ... on Work { title year } ... on Replica { grade } } }',
    data: { shelf: [{ title: 'Harbour (guide)', year: 1881 }, { grade: 'A (guide)' }] },
    fetches: { guide: 1, archive: 1 },
  },
  {
    name: 'a union',
    query: '{ corner { ... on Work { title } ... on Room { name } } }',
    data: { corner: [{ title: 'Nocturne (guide)' }, { name: 'Corner (guide)' }] },
    fetches: { guide: 1 },
  },
  {
    name: 'a union beyond what is provided',
    query: '{ corner { ... on Room { name floor { level } } ... on Work { caption } } }',
    data: { corner: [{ caption: 'Number w1' }, { name: 'Corner (guide)', floor: { level: 2 } }] },
  },
  {
    name: 'an alias of a provided field is provided too',
    query: '{ highlight { id: title other: title } }',
    data: { highlight: { id: 'Nocturne (guide)', other: 'Nocturne (guide)' } },
    fetches: { guide: 1 },
  },
]);
