import type { CreateHooks } from '../hooks.ts';
import { hooksWith } from './gateway.ts';

/** The hooks of a gateway that tests start as a process: `Bearer user_…` signs in. */
export const createHooks: CreateHooks = () => hooksWith(new Set());
