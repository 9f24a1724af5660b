import { anonymous, userViewer } from 'kit/viewer';
import { accessOf, isShared } from './access.ts';

test('a viewer without scopes or a hook has neither scopes nor policies', async () => {
  expect(await accessOf(anonymous, ['owner'])).toEqual({
    isAuthenticated: false,
    scopes: new Set(),
    policies: new Set(),
  });
  expect((await accessOf(userViewer('u1'), [])).isAuthenticated).toBe(true);
});

test('scopes come from the viewer, policies from the hook, asked about those that are mentioned', async () => {
  const asked: unknown[] = [];
  const evaluate = async (viewer: { readonly userId: string | null }, policies: readonly string[]) => {
    asked.push([viewer.userId, policies]);
    return new Set(['owner']);
  };
  const viewer = { ...userViewer('u1'), scopes: ['read', 'write'] };
  expect(await accessOf(viewer, ['owner', 'abroad'], { evaluatePolicies: evaluate })).toEqual({
    isAuthenticated: true,
    scopes: new Set(['read', 'write']),
    policies: new Set(['owner']),
  });
  await accessOf(viewer, [], { evaluatePolicies: evaluate });
  expect(asked).toEqual([['u1', ['owner', 'abroad']]]);
});

test('a hook that fails refuses the request: nothing is given for want of an answer', async () => {
  const cause = new Error('the policy service is down');
  const failing = async () => {
    throw cause;
  };
  await expect(accessOf(userViewer('u1'), ['owner'], { evaluatePolicies: failing })).rejects.toMatchObject({
    message: 'What you may see could not be found out: try again.',
    extensions: { code: 'POLICY_CHECK_FAILED', http: { status: 503 } },
    cause,
  });
});

test('a hook says which scopes a viewer holds; all of them is every scope there is', async () => {
  const scopesOf = ({ scopes }: { readonly scopes?: readonly string[] }) => scopes ?? 'all';
  const key = await accessOf({ ...userViewer('u1'), scopes: ['read'] }, [], { scopesOf });
  expect([key.scopes.has('read'), key.scopes.has('write')]).toEqual([true, false]);
  const session = await accessOf(userViewer('u1'), [], { scopesOf });
  expect([session.scopes.has('write'), session.isAuthenticated]).toEqual([true, true]);
  const nobody = await accessOf(anonymous, [], { scopesOf });
  expect([nobody.scopes.has('write'), nobody.isAuthenticated]).toEqual([true, false]);
  expect(isShared(session) && isShared(nobody)).toBe(true);
  expect(isShared(key)).toBe(false);
});
