import { defineFeature } from 'kit/feature';
import { actRecorded } from './audit.events.ts';

/** Other features record acts through `recordAct`; insights keeps them. */
export const audit = defineFeature({ name: 'audit', emits: [actRecorded] });
