import { on, type Subscriber } from 'kit/events';
import { toUuid } from 'kit/ids';
import { countsOf, erasedShape, erasedType, gatheredShape, gatheredType, partShape, partType } from 'kit/rights/rights';
import { keepStep } from '../deletion/deletion.progress.actions.ts';
import { advanceSaga } from '../deletion/deletion.saga.actions.ts';
import { OTHERS } from '../export/export.entity.ts';
import { keepPart, keepSource } from '../export/export.parts.actions.ts';

/** What the other subgraphs answer. */
export const subscribers: readonly Subscriber[] = OTHERS.flatMap((subgraph) => [
  on(partType(subgraph), 1, partShape, (ctx, part) => keepPart(ctx, subgraph, part)),
  on(gatheredType(subgraph), 1, gatheredShape, (ctx, { requestId, parts, counts }) =>
    keepSource(ctx, subgraph, { requestId, parts, counts: countsOf(counts) }),
  ),
  on(erasedType(subgraph), 1, erasedShape, (ctx, { requestId: deletionId, phase, counts }) =>
    ctx.change(async (tx) => {
      const step = phase === 'SWEEP' ? ('SWEEP' as const) : ('ERASE' as const);
      await keepStep(tx, { deletionId, subgraph, phase: step, counts: countsOf(counts) });
      await advanceSaga(tx, toUuid(deletionId));
    }),
  ),
]);
