import { defineEvent, id, text } from 'kit/events';

/** A person signed up or changed what is public of them. */
export const userSaved = defineEvent(
  'user.saved',
  1,
  { userId: id, username: text, name: text, bio: text, role: text },
  { aggregate: 'userId' },
);

/** A person is gone for good. */
export const userDeleted = defineEvent('user.deleted', 1, { userId: id }, { aggregate: 'userId' });
