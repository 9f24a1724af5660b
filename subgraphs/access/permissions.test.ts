import { newId } from 'kit/ids';
import { anonymous, gatewayViewer, systemViewer, userViewer } from 'kit/viewer';
import { can, mayActOn, permitted, rankOf, siteRoles } from './permissions.ts';

const me = newId('user');
const another = newId('user');
const as = (role: string) => userViewer(me, role);

test.each([
  ['user', 'owner', true],
  ['moderator', 'owner', true],
  ['user', 'stranger', false],
  ['moderator', 'stranger', true],
  ['admin', 'stranger', true],
])('a %s who is the %s may delete a comment: %s', (role, relation, expected) => {
  const ownerId = relation === 'owner' ? me : another;
  expect(can(as(role), 'comment.delete', { ownerId, isModerated: false })).toBe(expected);
});

test('who looks after a community may what its moderators may, and nothing more', () => {
  expect(can(as('user'), 'comment.delete', { ownerId: another, isModerated: true })).toBe(true);
  expect(can(as('user'), 'community.moderate', { isModerated: true })).toBe(true);
  expect(can(as('user'), 'community.moderate', { isModerated: false })).toBe(false);
  expect(can(as('user'), 'post.edit', { ownerId: another })).toBe(false);
  expect(can(as('user'), 'user.suspend')).toBe(false);
});

test('nobody edits what is another’s, administrators not excepted', () => {
  for (const role of siteRoles) {
    expect(can(as(role), 'post.edit', { ownerId: another })).toBe(false);
    expect(can(as(role), 'post.edit', { ownerId: me })).toBe(true);
  }
});

test('only administrators give roles and read the log', () => {
  const allowed = siteRoles.filter((role) => can(as(role), 'user.setRole') || can(as(role), 'audit.read'));
  expect(allowed).toEqual(['admin']);
});

test('what has no owner is nobody’s, and a made-up role is none', () => {
  expect(can({ ...as('user'), userId: null }, 'post.edit', { ownerId: null })).toBe(false);
  expect(can(anonymous, 'post.edit', { ownerId: null })).toBe(false);
  for (const role of ['owner', 'communityModerator', 'Admin', '', 'constructor']) {
    expect(can(as(role), 'user.setRole')).toBe(false);
  }
  // A role alone makes nobody signed in.
  expect(can({ ...anonymous, role: 'admin' }, 'user.setRole')).toBe(false);
  expect(can({ ...gatewayViewer, role: 'admin' }, 'user.setRole')).toBe(false);
  expect(can(systemViewer, 'user.setRole')).toBe(true);
});

test('who acts on whom', () => {
  const table = siteRoles.map((role) => siteRoles.map((other) => mayActOn(role, other)));
  expect(table).toEqual([
    [false, false, false],
    [true, false, false],
    [true, true, true],
  ]);
  expect([rankOf('user'), rankOf('admin'), rankOf('owner')]).toEqual([0, 2, -1]);
});

test('a rule says in the columns of the matrix what the table says', () => {
  const rule = permitted('comment.readSource', (_, { ownerId }: { ownerId: string }) => ({ ownerId }));
  expect(rule).toMatchObject({ name: 'whose it is, administrators', allows: ['owner', 'admin'] });
  const check = (viewer: typeof anonymous, ownerId: string) =>
    rule.check({ viewer } as never, { ownerId } as never, {} as never);
  expect([check(as('user'), me), check(as('user'), another), check(as('admin'), another)]).toEqual([true, false, true]);
  expect(permitted('user.suspend').allows).toEqual(['siteModerator', 'admin']);
});
