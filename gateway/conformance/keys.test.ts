import { conformance } from './testing/conformance.ts';
import { LINK } from './testing/federation.ts';
import { byKey, find } from './testing/rows.ts';

/** Instruments of an observatory: catalogue, workshop and archive each know them by another key. */
const slots = { left: { row: 1, shelf: { side: 'L' } }, right: { row: 2, shelf: { side: 'R' } } };
const catalogued = [
  { serial: 'i1', label: 'Spectrograph' },
  { serial: 'i2', label: 'Camera' },
];
const repaired = [
  { serial: 'i1', slot: slots.left, lens: 'quartz' },
  { serial: 'i2', slot: slots.right, lens: 'glass' },
];
const archived = [
  { slot: slots.left, tag: 't-1', notes: 'cleaned' },
  { slot: slots.right, tag: 't-2', notes: null },
];
const lent = [
  { tag: 't-1', borrower: { staff: 's1' } },
  { tag: 't-2', borrower: null },
];
const stolen = { serial: 'i9', label: 'Stolen' };

const subgraphs = {
  catalogue: {
    typeDefs: `${LINK}
      type Query {
        instruments: [Instrument!]!
        instrument(serial: ID!): Instrument
        stolen: Instrument
        shelfful: [Instrument]!
        same: [Instrument!]!
        grid: [[Instrument]]
        none: [Instrument!]!
      }
      type Instrument @key(fields: "serial") { serial: ID!  label: String! }
    `,
    resolvers: {
      Query: {
        instruments: () => catalogued,
        instrument: (_: unknown, { serial }: { serial: string }) => find(catalogued, 'serial', serial),
        stolen: () => stolen,
        shelfful: () => [catalogued[0], stolen, null, catalogued[1]],
        same: () => [catalogued[0], catalogued[1], catalogued[0], catalogued[0]],
        grid: () => [[catalogued[1], null], null, [], [catalogued[0]]],
        none: () => [],
      },
      Instrument: byKey(catalogued, 'serial'),
    },
  },
  workshop: {
    typeDefs: `${LINK}
      type Instrument @key(fields: "serial") @key(fields: "slot { row shelf { side } }") {
        serial: ID!
        slot: Slot! @shareable
        lens: String
        careful: Boolean!
      }
      type Slot @shareable { row: Int!  shelf: Shelf! }
      type Shelf @shareable { side: String! }
    `,
    resolvers: { Instrument: { ...byKey(repaired, 'serial', 'slot'), careful: () => true } },
  },
  archive: {
    typeDefs: `${LINK}
      type Query { filed: [Instrument!]! }
      type Instrument @key(fields: "slot { row shelf { side } }") @key(fields: "tag") {
        slot: Slot! @shareable
        tag: String!
        notes: String
      }
      type Slot @shareable { row: Int!  shelf: Shelf! }
      type Shelf @shareable { side: String! }
    `,
    resolvers: { Query: { filed: () => archived }, Instrument: byKey(archived, 'tag', 'slot') },
  },
  loans: {
    typeDefs: `${LINK}
      type Query { loans: [Loan!]! }
      type Instrument @key(fields: "tag") { tag: String!  borrower: Person }
      type Loan @key(fields: "instrument { tag } day") { instrument: Instrument!  day: Int! }
      type Person @key(fields: "staff", resolvable: false) { staff: ID! }
    `,
    resolvers: {
      Query: { loans: () => lent.map((instrument, index) => ({ instrument, day: 7 + index })) },
      Instrument: byKey(lent, 'tag'),
    },
  },
  staff: {
    typeDefs: `${LINK}
      type Person @key(fields: "staff") @key(fields: "badges") { staff: ID!  badges: [Int!]!  name: String!  nextOfKin: Person }
      type Query { people: [Person!]! }
      type Loan @key(fields: "instrument { tag } day") { instrument: Instrument! @external  day: Int! @external  approvedBy: Person }
      type Instrument @key(fields: "tag", resolvable: false) { tag: String! }
    `,
    resolvers: {
      Query: { people: () => [{ staff: 's1', badges: [1, 2], name: 'Ada' }] },
      Person: byKey([{ staff: 's1', badges: [1, 2], name: 'Ada' }], 'staff', 'badges'),
      Loan: {
        __resolveReference: ({ instrument, day }: { instrument: { tag: string }; day: number }) =>
          instrument.tag === 't-1' && day === 7 ? { approvedBy: { staff: 's1', badges: [1, 2], name: 'Ada' } } : null,
      },
    },
  },
  access: {
    typeDefs: `${LINK}
      type Person @key(fields: "badges") { badges: [Int!]!  doors: [String!]! }
    `,
    resolvers: { Person: byKey([{ badges: [1, 2], doors: ['roof'] }], 'badges') },
  },
};

conformance('keys', subgraphs, [
  {
    name: 'a single key leads to another subgraph, once for a whole list',
    query: '{ instruments { label lens } }',
    data: {
      instruments: [
        { label: 'Spectrograph', lens: 'quartz' },
        { label: 'Camera', lens: 'glass' },
      ],
    },
    fetches: { catalogue: 1, workshop: 1 },
  },
  {
    name: 'keys lead on through a chain of subgraphs that share none with the first',
    query: '{ instrument(serial: "i1") { label notes borrower { staff name doors } } }',
    data: {
      instrument: { label: 'Spectrograph', notes: 'cleaned', borrower: { staff: 's1', name: 'Ada', doors: ['roof'] } },
    },
  },
  {
    name: 'a chain may be walked the other way',
    query: '{ filed { notes label lens } }',
    data: {
      filed: [
        { notes: 'cleaned', label: 'Spectrograph', lens: 'quartz' },
        { notes: null, label: 'Camera', lens: 'glass' },
      ],
    },
  },
  {
    name: 'the fields of a compound key are fields like others',
    query: '{ instruments { serial slot { shelf { side } row } tag } }',
    data: {
      instruments: [
        { serial: 'i1', slot: { shelf: { side: 'L' }, row: 1 }, tag: 't-1' },
        { serial: 'i2', slot: { shelf: { side: 'R' }, row: 2 }, tag: 't-2' },
      ],
    },
  },
  {
    name: 'the fields of a key do not show where they were not asked for',
    query: '{ instruments { notes } }',
    data: { instruments: [{ notes: 'cleaned' }, { notes: null }] },
  },
  {
    name: 'an entity that its owner does not have is null in what is nullable',
    query: '{ stolen { serial label lens } }',
    data: { stolen: { serial: 'i9', label: 'Stolen', lens: null } },
  },
  {
    name: 'and is null itself where it lacks what may not be null',
    query: '{ stolen { serial label careful } }',
    data: { stolen: null },
  },
  {
    name: 'missing and null elements keep their places in a list',
    query: '{ shelfful { label lens } }',
    data: {
      shelfful: [
        { label: 'Spectrograph', lens: 'quartz' },
        { label: 'Stolen', lens: null },
        null,
        { label: 'Camera', lens: 'glass' },
      ],
    },
  },
  {
    name: 'a chain that breaks off leaves what lies behind it null',
    query: '{ shelfful { label borrower { name } } }',
    data: {
      shelfful: [
        { label: 'Spectrograph', borrower: { name: 'Ada' } },
        { label: 'Stolen', borrower: null },
        null,
        { label: 'Camera', borrower: null },
      ],
    },
  },
  {
    name: 'the same entity several times is the same several times',
    query: '{ same { serial lens } }',
    data: {
      same: [
        { serial: 'i1', lens: 'quartz' },
        { serial: 'i2', lens: 'glass' },
        { serial: 'i1', lens: 'quartz' },
        { serial: 'i1', lens: 'quartz' },
      ],
    },
  },
  {
    name: 'entities are found in lists of lists',
    query: '{ grid { lens notes } }',
    data: { grid: [[{ lens: 'glass', notes: null }, null], null, [], [{ lens: 'quartz', notes: 'cleaned' }]] },
  },
  {
    name: 'an empty list asks nobody',
    query: '{ none { lens borrower { name } } }',
    data: { none: [] },
    fetches: { catalogue: 1 },
  },
  {
    name: 'a null where an entity might be asks nobody',
    query: '{ instrument(serial: "nowhere") { lens notes } }',
    data: { instrument: null },
    fetches: { catalogue: 1 },
  },
  {
    name: 'an entity that is only its __typename asks nobody else',
    query: '{ instruments { __typename } }',
    data: { instruments: [{ __typename: 'Instrument' }, { __typename: 'Instrument' }] },
    fetches: { catalogue: 1 },
  },
  {
    name: 'a key of another entity’s key',
    query: '{ loans { day instrument { tag label } approvedBy { name } } }',
    data: {
      loans: [
        { day: 7, instrument: { tag: 't-1', label: 'Spectrograph' }, approvedBy: { name: 'Ada' } },
        { day: 8, instrument: { tag: 't-2', label: 'Camera' }, approvedBy: null },
      ],
    },
  },
  {
    name: 'a key that is a list',
    query: '{ people { doors } }',
    data: { people: [{ doors: ['roof'] }] },
  },
  {
    name: 'a stub whose key is not resolvable is followed to its owner',
    query: '{ loans { instrument { borrower { staff name } } } }',
    data: { loans: [{ instrument: { borrower: { staff: 's1', name: 'Ada' } } }, { instrument: { borrower: null } }] },
  },
  {
    name: 'a stub needs nobody for its own key',
    query: '{ loans { instrument { tag borrower { staff } } } }',
    data: {
      loans: [
        { instrument: { tag: 't-1', borrower: { staff: 's1' } } },
        { instrument: { tag: 't-2', borrower: null } },
      ],
    },
    fetches: { loans: 1 },
  },
]);
