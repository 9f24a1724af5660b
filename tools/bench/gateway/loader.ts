/** The load generator: makes one round of load per message, and ends with the process that started it. */
import { load, type LoadOptions, type Target } from '../load.ts';

export interface Round {
  readonly target: Target;
  readonly options: LoadOptions;
}

process.on('message', (round: Round) => {
  void load(round.target, round.options).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit());
