import type { Logger } from 'kit/logger';
import type { Client } from 'kit/viewer';
import { codeOf } from '../errors.ts';
import type { Pipeline } from '../pipeline.ts';
import { CLOSE, type Close } from './closing.ts';
import { asGraphQLError } from './socket-operation.ts';

export interface WrongCredentialsOptions {
  readonly pipeline: Pick<Pipeline, 'refuseUnproven'>;
  readonly log: Logger;
}

/** How credentials that were not taken end their socket. Those that do not hold count for their address, as they do over HTTP. */
export async function closeOfRefused(
  { pipeline, log }: WrongCredentialsOptions,
  error: unknown,
  client: Client,
  requestId: string,
): Promise<Close> {
  const isWrong = codeOf(error) === 'UNAUTHENTICATED';
  const refused = isWrong ? await pipeline.refuseUnproven(asGraphQLError(error), client) : error;
  switch (codeOf(refused)) {
    case 'RATE_LIMITED':
      return CLOSE.tooManyAttempts;
    case 'UNAUTHENTICATED':
      return CLOSE.forbidden;
    default:
      log.error({ err: error, requestId }, 'credentials could not be checked');
      return CLOSE.tryAgainLater;
  }
}
