import { defineEvent, id, text, truth } from 'kit/events';

export const communitySaved = defineEvent(
  'community.saved',
  1,
  { communityId: id, name: text, description: text, isPrivate: truth, ownerId: id },
  { aggregate: 'communityId' },
);
export const memberJoined = defineEvent(
  'member.joined',
  1,
  { communityId: id, userId: id, role: text },
  { aggregate: 'communityId' },
);
export const memberLeft = defineEvent('member.left', 1, { communityId: id, userId: id }, { aggregate: 'communityId' });
