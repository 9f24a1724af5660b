import { aPerson, publish } from './setup/client.ts';
import { type Mode, startGraph, type StartedGraph } from './setup/graph.ts';

/** Tests that who publishes and comments at once never meets NOT_FOUND, this many times. */
export function commentsAtOnce(mode: Mode, times: number): void {
  let graph: StartedGraph;
  beforeAll(async () => {
    graph = await startGraph(mode);
  });
  afterAll(async () => {
    expect(await graph.stop()).toBe(0);
  });

  test(
    `who publishes and comments at once never meets NOT_FOUND, ${times} times`,
    async () => {
      const ada = await aPerson(graph.url, 'ada');
      let left = times;
      const work = async (): Promise<void> => {
        while (left-- > 0) {
          const post = await publish(ada, `Post ${left}`, 'Text.');
          // `change` throws on any user error, NOT_FOUND among them.
          await ada.change('addComment', { postId: post.id, markdown: 'First!' }, 'comment { id }');
        }
      };
      await Promise.all(Array.from({ length: 10 }, work));
    },
    10 * 60_000,
  );
}
