import { testSubgraph } from 'kit/testing/subgraph';
import { users } from 'subgraphs/users/subgraph';
import { aPerson, PASSWORD } from 'subgraphs/users/testing';
import { openDoor } from '../setup/doors.ts';

const graph = testSubgraph(users);
const HISTORY = '{ loginHistory(first: 1) { edges { node { address place { country } } } } }';

test.each([
  ['of a trusted proxy', '127.0.0.1', { address: '203.0.113.7', place: { country: 'PT' } }],
  ['of anybody else', '10.0.0.1', { address: '127.0.0.1', place: null }],
])('the country in a header %s is in the history of sign-ins as it deserves', async (_, TRUSTED_PROXIES, expected) => {
  const door = await openDoor({ users: graph }, { TRUSTED_PROXIES, PLACE_HEADER: 'CF-IPCountry' });
  const { username } = await aPerson(graph);
  const headers = { 'cf-ipcountry': 'PT', 'x-forwarded-for': '203.0.113.7' };
  const body = { identifier: username, password: PASSWORD };
  const { json } = await door.ask('POST', '/api/v1/auth/login', { body, headers });
  const { accessToken: token } = json as { accessToken: string };
  const history = await door.graphql(HISTORY, {}, { token });
  expect(history.json).toEqual({ data: { loginHistory: { edges: [{ node: expected }] } } });
  await door.stop();
});
