import { checkId, fromUuid, kindOf, newId, rowMapper, toUuid } from './ids.ts';

const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

test('an id says what it names, and is a UUIDv7 in its column', () => {
  const id = newId('widget');
  expect(id).toMatch(/^widget_[0-9a-hjkmnp-tv-z]{26}$/);
  expect(kindOf(id)).toBe('widget');
  expect(toUuid(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(fromUuid('widget', toUuid(id))).toBe(id);
});

test('ids grow with time', async () => {
  const first = newId('widget');
  const millisecond = Date.now();
  while (Date.now() === millisecond);
  expect(newId('widget') > first).toBe(true);
});

test.each([
  '',
  'x',
  'widget',
  'widget_',
  '_01h2xcejqtf2nbrexx3vqjhp41',
  'widget_01h2xcejqtf2nbrexx3vqjhp4',
  'widget_01h2xcejqtf2nbrexx3vqjhp411',
  'widget_81h2xcejqtf2nbrexx3vqjhp41',
  'widget_01h2xcejqtf2nbrexx3vqjhpil',
  'WIDGET_01h2xcejqtf2nbrexx3vqjhp41',
  'widget_01H2XCEJQTF2NBREXX3VQJHP41',
  'wid\0get_01h2xcejqtf2nbrexx3vqjhp41',
  ' widget_01h2xcejqtf2nbrexx3vqjhp41',
  '01h2xcejqtf2nbrexx3vqjhp41',
  'widget_00000000000000000000000001',
  'widget_01h2xcejqt00000000000000zz',
  'x'.repeat(1_000_000),
  null,
  undefined,
  5,
  {},
  [],
])('%j is no id', (given) => {
  expect(codeOf(() => checkId('widget', given))).toBe('INVALID_ID');
});

test('another thing’s id is told from none', () => {
  expect(codeOf(() => checkId('widget', newId('user')))).toBe('WRONG_ID_TYPE');
  const id = newId('widget');
  expect(checkId('widget', id)).toBe(id);
});

test('a row leaves with ids in place of uuids, and with null where there is none', () => {
  const [id, ownerId] = [newId('widget'), newId('user')];
  const map = rowMapper<{ id: string; ownerId: string | null; name: string }>({ id: 'widget', ownerId: 'user' });
  expect(map({ id: toUuid(id), ownerId: toUuid(ownerId), name: 'x' })).toEqual({ id, ownerId, name: 'x' });
  expect(map({ id: toUuid(id), ownerId: null, name: 'x' })).toEqual({ id, ownerId: null, name: 'x' });
});
