import type { Change } from 'kit/context';
import { toUuid } from 'kit/ids';
import { type Reporter, type RightsPlan } from 'kit/rights/rights';
import { createRightsRunner } from 'kit/rights/rights.feature';
import type { NewTask } from 'kit/rights/rights.tasks';
import { advance, finishDeletion, keepStep } from '../deletion/deletion.progress.actions.ts';
import { keepPart, keepSource } from '../export/export.parts.actions.ts';
import { sections } from './privacy.sections.ts';
import { erasure, sweep } from './privacy.steps.ts';

const plan: RightsPlan = { subgraph: 'users', sections, erasure, sweep };

/** At home no event is needed to say what was done. */
const reporter: Reporter = {
  isRemote: false,
  part: (tx, part) => keepPart(tx, 'users', part),
  gathered: (tx, requestId, parts, counts) => keepSource(tx, 'users', { requestId, parts, counts }),
  erased: async (tx, deletionId, phase, rest) => {
    // The row was emptied when the account was closed, before there were steps to count it.
    const counts = phase === 'ERASE' ? { 'name, address, password and profile': 1, ...rest } : rest;
    await keepStep(tx, { deletionId, subgraph: 'users', phase, counts });
    if (phase === 'SWEEP') await finishDeletion(tx, deletionId);
    else await advance(tx, toUuid(deletionId));
  },
};

export const runner = createRightsRunner(plan, reporter);
export const startTask = (tx: Change, task: NewTask): Promise<void> => runner.start(tx, task);
