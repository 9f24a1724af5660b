import { testSubgraph } from 'kit/testing/subgraph';
import { ask } from '../login/login.testing.ts';
import { users } from '../subgraph.ts';
import { PASSWORD, REGISTER } from '../testing.ts';

const graph = testSubgraph(users, {
  LIMIT_REGISTER_PER_MINUTE: '2',
  LIMIT_MAIL_REQUESTS_PER_MINUTE: '2',
  LIMIT_SIGN_IN_PER_MINUTE: '2',
});

const RESET = 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }';
const REQUEST = `mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { userErrors { code } }
}`;

test.each<[string, string, (n: number) => object]>([
  ['signing up', REGISTER, (n) => ({ username: `crowd${n}`, email: `crowd${n}@example.org`, password: PASSWORD })],
  ['asking for mails', REQUEST, () => ({ identifier: 'whoever' })],
  ['setting passwords', RESET, () => ({ token: 'x', newPassword: 'another horse battery' })],
])('whoever has a network of IPv6 has no more tries at %s than others', async (_, query, input) => {
  const codes = [];
  for (let n = 1; n <= 3; n++) {
    const client = { address: `2001:db8:0:1::${n}`, userAgent: 'test' };
    codes.push((await ask(graph, client, query, { input: input(n) })).errors?.[0]?.extensions?.['code']);
  }
  expect(codes).toEqual([undefined, undefined, 'RATE_LIMITED']);
});
