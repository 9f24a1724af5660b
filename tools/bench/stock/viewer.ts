import type { IncomingHttpHeaders } from 'node:http';
import { anonymous, userViewer, type Viewer } from 'kit/viewer';

/** Names the viewer in plain text: this set-up is measured on the loopback address and never serves anybody. */
export const VIEWER_HEADER = 'x-bench-viewer';

/** What a header says, first come. */
export const viewerIdIn = (headers: IncomingHttpHeaders): string | null => headers[VIEWER_HEADER]?.toString() ?? null;

export const viewerOf = (userId: string | null): Viewer => (userId === null ? anonymous : userViewer(userId));
