import { HOP_HEADER } from 'kit/hop';

/** Headers that nobody but the transport to a subgraph sets: those of the message itself, and the hop. */
export const OWN_HEADERS: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'accept-encoding',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'host',
  'x-request-id',
  HOP_HEADER,
]);

/** Says more headers, each once however it is capitalised: the later word goes before the earlier one. */
export function sayHeaders(said: Record<string, string>, more: Readonly<Record<string, string>>): void {
  for (const name in more) said[name.toLowerCase()] = more[name] ?? '';
}
