import type { Transport } from 'kit/request';
import type { RunningGateway } from '../../gateway.ts';
import { createTestGraph, type Execute } from '../../testing/graph.ts';
import { startTestGateway } from '../../testing/gateway.ts';
import { inProcess } from '../../transport/in-process.ts';

export interface GatedGateway extends RunningGateway {
  readonly origin: string;
  /** What has been asked of each subgraph. */
  readonly asked: { readonly library: string[]; readonly people: string[] };
  /** From now on the people's subgraph answers only once the gate opens. */
  readonly shut: () => void;
  readonly open: () => void;
  /** From now on it cannot be reached. */
  readonly breakDown: (isDown: boolean) => void;
}

/** The test graph with a subgraph that can be held back. */
export async function startGatedGateway(environment: Record<string, string> = {}): Promise<GatedGateway> {
  const graph = createTestGraph();
  const asked = { library: [] as string[], people: [] as string[] };
  let gate: PromiseWithResolvers<void> | null = null;
  let isDown = false;
  const through = (name: 'library' | 'people', run: Execute): Transport =>
    inProcess(async (request, hop) => {
      asked[name].push(request.query);
      if (name === 'people') await gate?.promise;
      if (name === 'people' && isDown) throw new Error('connect ECONNREFUSED');
      return run(request, hop);
    });
  const { library, people } = graph.subgraphs;
  const gateway = await startTestGateway({
    environment,
    overrides: { transports: { library: through('library', library), people: through('people', people) } },
  });
  return {
    ...gateway,
    asked,
    shut: () => void (gate ??= Promise.withResolvers()),
    open: () => {
      gate?.resolve();
      gate = null;
    },
    breakDown: (down) => void (isDown = down),
  };
}
