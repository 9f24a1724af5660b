import { defineEvent, id, list, text } from 'kit/events';

/** By what a person wants to be told of what from now on: all that is on, each as `KIND:CHANNEL`. What is not here is off. */
export const preferencesSaved = defineEvent(
  'preferences.saved',
  1,
  { userId: id, enabled: list(text) },
  { aggregate: 'userId' },
);
