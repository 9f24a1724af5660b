import { defineEvent, id } from 'kit/events';

/** A person wants to have what is known of them: every subgraph answers with its part. */
export const exportRequested = defineEvent(
  'export.requested',
  1,
  { exportId: id, userId: id },
  { aggregate: 'exportId' },
);
