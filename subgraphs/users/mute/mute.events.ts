import { defineEvent, id } from 'kit/events';

/** For those who make feeds and news: nobody tells the muted. */
export const userMuted = defineEvent('user.muted', 1, { muterId: id, mutedId: id }, { aggregate: 'muterId' });
export const userUnmuted = defineEvent('user.unmuted', 1, { muterId: id, mutedId: id }, { aggregate: 'muterId' });
