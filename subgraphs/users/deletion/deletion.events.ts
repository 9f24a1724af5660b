import { defineEvent, id, text } from 'kit/events';

const leaving = { deletionId: id, userId: id, mode: text };

/** A person has asked to go: nobody is to find them any more. Should they stay, `user.saved` follows. */
export const userHidden = defineEvent('user.hidden', 1, { userId: id }, { aggregate: 'userId' });

/** The account is closed and nothing of its own can be under way any more: every subgraph removes what is its own. */
export const deletionStarted = defineEvent('deletion.started', 1, leaving, { aggregate: 'deletionId' });

/** All have done so, and what they told each other has arrived: every subgraph removes what it knew from the others. */
export const deletionErased = defineEvent('deletion.erased', 1, leaving, { aggregate: 'deletionId' });
