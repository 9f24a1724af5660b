import { defineEvent, id } from 'kit/events';

/** From now on the two do not exist for each other. */
export const userBlocked = defineEvent('user.blocked', 1, { blockerId: id, blockedId: id }, { aggregate: 'blockerId' });
export const userUnblocked = defineEvent(
  'user.unblocked',
  1,
  { blockerId: id, blockedId: id },
  { aggregate: 'blockerId' },
);
