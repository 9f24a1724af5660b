import { testSubgraph } from 'kit/testing/subgraph';
import { users } from '../subgraph.ts';
import { LOGIN, PASSWORD } from '../testing.ts';

const strict = testSubgraph(users, { LIMIT_SIGN_IN_PER_MINUTE: '3' });

test('tries are limited, with how long to wait', async () => {
  const input = { identifier: 'whoever', password: PASSWORD };
  const answers = [];
  for (let n = 0; n < 5; n++) answers.push(await strict.anonymously.run(LOGIN, { input }));
  expect(answers.map(({ errors }) => errors?.[0]?.extensions?.['code'] ?? 'tried')).toEqual([
    'tried',
    'tried',
    'tried',
    'RATE_LIMITED',
    'RATE_LIMITED',
  ]);
  expect(answers[4]?.errors?.[0]?.extensions?.['retryAfterSeconds']).toBeGreaterThan(0);
});
