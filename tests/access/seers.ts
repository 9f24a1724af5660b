import type { Instance } from './people.ts';

/** Roles, in the order of the columns, by kind of object; a kind that is left out makes no difference. */
export type Seers = Partial<Record<Instance, string>>;

/** Whoever asks, for what is nobody's in particular or one's own. */
export const EVERYONE = 'anonymous stranger owner blocked member moderator siteModerator admin';
export const SIGNED_IN = 'stranger owner blocked member moderator siteModerator admin';
export const INSIDERS = 'owner blocked member moderator admin';
export const NOBODY = '';

/** The same of what is the author's: those whom the author has blocked are not among them. */
export const UNBLOCKED = 'anonymous stranger owner member moderator siteModerator admin';
export const UNBLOCKED_SIGNED_IN = 'stranger owner member moderator siteModerator admin';
export const UNBLOCKED_INSIDERS = 'owner member moderator admin';

export const seersIn = (seers: string): string[] => seers.split(' ').filter((role) => role !== '');
