import { testSubgraph } from 'kit/testing/subgraph';
import type { Viewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { aPerson } from '../testing.ts';

const strict = testSubgraph(users, { LIMIT_RELATION_CHANGES_PER_HOUR: '3' });

/** What came of it: the error's code, or `done`. */
async function act(viewer: Viewer, name: string, userId: string): Promise<string> {
  const query = `mutation ($id: ID!) { answer: ${name}(input: { userId: $id }) { userErrors { code } } }`;
  const { data, errors } = await strict.as(viewer).run(query, { id: userId });
  const { userErrors = [] } = (data?.['answer'] ?? {}) as { userErrors?: { code: string }[] };
  const [code] = [
    ...(errors ?? []).map(({ extensions }) => extensions?.['code'] as string),
    ...userErrors.map((each) => each.code),
  ];
  return code ?? 'done';
}

test('following, blocking and muting are limited, each by itself, and taking back counts too', async () => {
  const [one, other, third] = [await aPerson(strict), await aPerson(strict), await aPerson(strict)];
  for (const [begin, end] of [
    ['followUser', 'unfollowUser'],
    ['muteUser', 'unmuteUser'],
    ['blockUser', 'unblockUser'],
  ] as const) {
    const outcomes = [];
    for (const name of [begin, end, begin, begin, end]) outcomes.push(await act(one, name, other.userId));
    expect([begin, outcomes]).toEqual([begin, ['done', 'done', 'done', 'RATE_LIMITED', 'RATE_LIMITED']]);
  }
  // Somebody else is as free as before.
  expect(await act(third, 'followUser', other.userId)).toBe('done');
});
