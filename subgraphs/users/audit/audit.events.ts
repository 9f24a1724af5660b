import { defineEvent, id, nullable, text } from 'kit/events';

/** Somebody did something that may be asked about later; insights keeps it. Nothing secret is in it. */
export const actRecorded = defineEvent(
  'act.recorded',
  1,
  {
    actId: id,
    /** `noun.verb`, as permissions are named: `user.suspend`. */
    action: text,
    /** Null where the site itself did it. */
    actorId: nullable(id),
    /** Whom or what it was done to. */
    subjectId: nullable(id),
    reason: text,
    /** `session`, `apiKey:<id>`, `anonymous` or `system`. */
    via: text,
    address: text,
    userAgent: text,
  },
  { aggregate: 'actId' },
);
