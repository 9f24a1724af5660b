import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';

/** A theatre: fields move from the old box office to the new one while both are running. */
const plays = [
  { id: 'y1', title: 'Tempest', seats: 100 },
  { id: 'y2', title: 'Medea', seats: 80 },
];
const from = (place: string) => (value: unknown) => `${String(value)} (${place})`;
const [old, fresh] = [from('old'), from('new')];
const reference = { __resolveReference: (given: object) => given };

const subgraphs = {
  old: {
    typeDefs: `${LINK}
      type Query { plays: [Play!]!  season: String }
      type Play @key(fields: "id") { id: ID!  title: String!  hall: String  price: Int  stage: Stage  rate: Int }
      type Stage @key(fields: "id") { id: ID!  lamps: Int }
    `,
    resolvers: {
      Query: { plays: () => plays, season: () => old('1901') },
      Play: {
        ...reference,
        title: ({ id }: { id: string }) => old(id),
        hall: () => old('hall'),
        price: () => 1,
        rate: () => 2,
        stage: () => ({ id: 'g' }),
      },
      Stage: { ...reference, lamps: () => 1 },
    },
  },
  new: {
    typeDefs: `${LINK}
      type Query { season: String @override(from: "old")  revivals: [Play!]! }
      type Play @key(fields: "id") {
        id: ID!
        title: String! @override(from: "old")
        price: Int @override(from: "old")
        rate: Int @external
        offer: String @requires(fields: "rate")
        hall: String @override(from: "closed")  @shareable
        stage: Stage @override(from: "old", label: "percent(100)")
      }
      type Stage @key(fields: "id") { id: ID!  lamps: Int @override(from: "old", label: "percent(0)") }
    `.replace('hall: String @override(from: "closed")  @shareable', 'doors: Int @override(from: "closed")'),
    resolvers: {
      Query: { season: () => fresh('1902'), revivals: () => plays },
      Play: {
        ...reference,
        title: ({ id }: { id: string }) => fresh(id),
        price: () => 10,
        doors: () => 3,
        offer: ({ rate }: { rate?: number }) => fresh(rate),
        stage: () => ({ id: 'g-new' }),
      },
      Stage: { ...reference, lamps: () => 2 },
    },
  },
  tills: {
    typeDefs: `${LINK}
      type Play @key(fields: "id") { id: ID!  price: Int @external  change: Int @requires(fields: "price") }
    `,
    resolvers: { Play: { ...reference, change: ({ price }: { price?: number }) => 100 - Number(price) } },
  },
};

conformance('@override', subgraphs, [
  {
    name: 'a field has moved, and is asked of its new owner',
    query: '{ plays { id title hall } }',
    data: {
      plays: [
        { id: 'y1', title: 'y1 (new)', hall: 'hall (old)' },
        { id: 'y2', title: 'y2 (new)', hall: 'hall (old)' },
      ],
    },
  },
  { name: 'a root field has moved', query: '{ season }', data: { season: '1902 (new)' }, fetches: { new: 1 } },
  {
    name: 'coming from the new owner, the old one is not asked',
    query: '{ revivals { title price } }',
    data: {
      revivals: [
        { title: 'y1 (new)', price: 10 },
        { title: 'y2 (new)', price: 10 },
      ],
    },
    fetches: { new: 1 },
  },
  {
    name: 'a third subgraph requires the moved field of its new owner',
    query: '{ plays { change } }',
    data: { plays: [{ change: 90 }, { change: 90 }] },
  },
  {
    name: 'the new owner requires what stayed with the old',
    query: '{ revivals { offer } }',
    data: { revivals: [{ offer: '2 (new)' }, { offer: '2 (new)' }] },
  },
  {
    name: 'an owner that is no part of the graph may be named',
    query: '{ plays { doors } }',
    data: { plays: [{ doors: 3 }, { doors: 3 }] },
  },
  {
    name: 'a share of none leaves a field where it was',
    query: '{ plays { stage { lamps } } }',
    data: { plays: [{ stage: { lamps: 1 } }, { stage: { lamps: 1 } }] },
  },
  {
    name: 'a share of all moves it',
    query: '{ plays { stage { id } } }',
    data: { plays: [{ stage: { id: 'g-new' } }, { stage: { id: 'g-new' } }] },
    stockIsWrong: 'it takes no labels, and leaves every field with a label where it was',
  },
]);
