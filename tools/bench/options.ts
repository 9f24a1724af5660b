import { resolve } from 'node:path';

/** What every bench takes on its command line, for `parseArgs`. */
export const commonOptions = {
  seconds: { type: 'string', default: '5' },
  rounds: { type: 'string', default: '3' },
  connections: { type: 'string', default: '10' },
  profile: { type: 'string' },
} as const;

export interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  /** Where each process leaves a CPU profile at its end; null for none. */
  readonly profileFolder: string | null;
}

interface Values {
  readonly seconds: string;
  readonly rounds: string;
  readonly connections: string;
  readonly profile?: string | undefined;
}

/** Throws naming the option that is wrong. */
export function optionsOf(values: Values): Options {
  const positive = (name: 'seconds' | 'rounds' | 'connections'): number => {
    const number = Number(values[name]);
    if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} is a whole number from 1 on`);
    return number;
  };
  return {
    seconds: positive('seconds'),
    rounds: positive('rounds'),
    connections: positive('connections'),
    profileFolder: values.profile === undefined ? null : resolve(values.profile),
  };
}
