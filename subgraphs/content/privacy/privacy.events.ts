import { defineEvent, id } from 'kit/events';

/** The last of its people has left, and nobody else's posts were in it. */
export const communityDeleted = defineEvent('community.deleted', 1, { communityId: id }, { aggregate: 'communityId' });
