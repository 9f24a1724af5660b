import { defineEvent, id } from 'kit/events';

export const userFollowed = defineEvent(
  'user.followed',
  1,
  { followerId: id, followedId: id },
  { aggregate: 'followerId' },
);
export const userUnfollowed = defineEvent(
  'user.unfollowed',
  1,
  { followerId: id, followedId: id },
  { aggregate: 'followerId' },
);
