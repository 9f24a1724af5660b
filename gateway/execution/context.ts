import type { EmittedEvent } from 'kit/hop';
import type { Client, Viewer } from 'kit/viewer';

/** What one operation carries through planning and fetching. Apollo Server copies it shallowly: only `emitted` changes. */
export interface RequestContext {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly client: Client;
  /** Events this operation's mutations have caused so far. */
  readonly emitted: EmittedEvent[];
}

export function createContext(viewer: Viewer, requestId: string, client: Client): RequestContext {
  return { viewer, requestId, client, emitted: [] };
}
