import { CodedError } from 'kit/errors';

/** For credentials that are none, or none any more: what to do is the same. */
export const ended = (): CodedError =>
  new CodedError('UNAUTHENTICATED', 'That access token is not good any more; refresh it or sign in.');

/** While users cannot be asked nobody is let in, and nobody is told that they are out. */
export const away = (): CodedError =>
  new CodedError('RETRY_LATER', 'Sign-in cannot be checked right now; try again in a moment.');
