import { Agent } from 'node:http';
import { startInProcess } from 'local/in-process';
import { freePort } from 'local/port';
import { makeFeed, PASSWORD, untilConsumed } from '../feed.ts';
import { post } from '../load.ts';
import type { BenchStores } from '../stores.ts';
import type { World } from './requests.ts';

export const SIZE = { posts: 300, people: 40, commentsPerPost: 8, votesPerPost: 6 };

/** Writes an open community that everybody may read, and answers the ids of its posts. */
export async function fillWorld({ environment }: BenchStores): Promise<readonly string[]> {
  const graph = await startInProcess({ ...environment, PORT: String(await freePort()) });
  try {
    const { postIds } = await makeFeed(graph.transports, SIZE, 'mix', { isPrivate: false });
    await untilConsumed(graph.running);
    return postIds;
  } finally {
    await graph.stop();
  }
}

/** Signs everybody in once; the mix has no sign-ins. */
export async function enterWorld(url: string, postIds: readonly string[]): Promise<World> {
  const agent = new Agent();
  const signedIn: string[] = [];
  for (let n = 0; n < SIZE.people; n++) {
    const query = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';
    const body = JSON.stringify({ query, variables: { input: { identifier: `mix${n}`, password: PASSWORD } } });
    const { data } = JSON.parse(await post({ url, headers: {}, body }, agent)) as {
      data: { login: { accessToken: string } };
    };
    signedIn.push(`Bearer ${data.login.accessToken}`);
  }
  agent.destroy();
  return { postIds, signedIn, words: ['wonderful', 'manual', 'migration', 'meeting', 'terrible', 'broke'] };
}
