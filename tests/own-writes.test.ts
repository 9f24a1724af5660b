import { aPerson, publish } from './setup/client.ts';
import { modes, startGraph, type StartedGraph } from './setup/graph.ts';

describe.each(modes)('%s', (mode) => {
  let graph: StartedGraph;
  beforeAll(async () => {
    graph = await startGraph(mode);
  }, 90_000);
  afterAll(async () => {
    expect(await graph.stop()).toBe(0);
  });

  test('who publishes and comments at once never meets NOT_FOUND, a thousand times', async () => {
    const ada = await aPerson(graph.url, 'ada');
    let left = 1000;
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const post = await publish(ada, `Post ${left}`, 'Text.');
        // `change` throws on any user error, NOT_FOUND among them.
        await ada.change('addComment', { postId: post.id, markdown: 'First!' }, 'comment { id }');
      }
    };
    await Promise.all(Array.from({ length: 10 }, work));
  }, 240_000);
});
