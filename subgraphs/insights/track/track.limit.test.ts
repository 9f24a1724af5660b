import { newId } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { anonymous, userViewer, type Viewer } from 'kit/viewer';
import { aPost } from '../insights.testing.ts';
import { insights } from '../subgraph.ts';

const graph = testSubgraph(insights, { LIMIT_TRACKED_EVENTS_PER_MINUTE: '3' });

const TRACK = `mutation ($input: TrackEventInput!) { trackEvent(input: $input) { accepted } }`;

async function codeOf(viewer: Viewer, address: string, userAgent: string, postId: string): Promise<string> {
  const hop = { viewer, requestId: crypto.randomUUID(), client: { address, userAgent }, after: [] };
  const variables = { input: { postId, kind: 'SHARE' } };
  const { errors } = await graph.running().execute({ query: TRACK, variables }, hop);
  return errors ? JSON.stringify(errors[0]?.extensions?.['code']) : 'ok';
}

test('an address that is not signed in may so much a minute, whatever user agent it claims; another one is not to blame', async () => {
  const postId = await aPost(graph);
  const codes = [];
  for (const agent of ['a', 'b', 'c', 'd', 'e']) codes.push(await codeOf(anonymous, '192.0.2.1', agent, postId));
  expect(codes).toEqual(['ok', 'ok', 'ok', '"RATE_LIMITED"', '"RATE_LIMITED"']);
  expect(await codeOf(anonymous, '192.0.2.2', 'a', postId)).toBe('ok');
});

test('whoever has a whole network of IPv6, as one customer has, may no more than with one address', async () => {
  const postId = await aPost(graph);
  const codes = [];
  for (const n of [1, 2, 3, 4]) codes.push(await codeOf(anonymous, `2001:db8:1:2::${n}`, 'a', postId));
  expect(codes).toEqual(['ok', 'ok', 'ok', '"RATE_LIMITED"']);
  expect(await codeOf(anonymous, '2001:db8:1:3::1', 'a', postId)).toBe('ok');
});

test('a person may so much a minute, from wherever', async () => {
  const postId = await aPost(graph);
  const person = userViewer(newId('user'));
  const codes = [];
  for (const n of [11, 12, 13, 14]) codes.push(await codeOf(person, `192.0.2.${n}`, 'a', postId));
  expect(codes).toEqual(['ok', 'ok', 'ok', '"RATE_LIMITED"']);
  expect(await codeOf(userViewer(newId('user')), '192.0.2.11', 'a', postId)).toBe('ok');
});
