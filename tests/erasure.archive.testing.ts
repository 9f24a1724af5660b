import { unzipSync } from 'fflate';
import { gatewayViewer } from 'kit/viewer';
import { mailTo, type RightsGraph, type Row } from './erasure.testing.ts';
import type { Frontend } from './setup/client.ts';

export const tokenIn = (text: string): string => /#token=([\w-]+)/.exec(text)?.[1] ?? '';

interface Piece {
  readonly fileName: string;
  readonly size: number;
  readonly pieces: number;
  readonly base64: string;
}

/** The archive as the gateway gets it, piece by piece; null where the word is good for nothing. */
export async function download(graph: RightsGraph, token: string): Promise<Buffer | null> {
  const users = graph.running.find((one) => one.name === 'users');
  const bytes: Buffer[] = [];
  for (let piece = 0; ; piece++) {
    const hop = {
      viewer: gatewayViewer,
      requestId: crypto.randomUUID(),
      client: { address: '127.0.0.1', userAgent: 'test' },
      after: [],
    };
    const query = `query ($token: String!, $piece: Int!) {
      dataExportPiece(token: $token, piece: $piece) { fileName size pieces base64 } }`;
    const answer = await users?.execute({ query, variables: { token, piece } }, hop);
    if (answer?.errors) throw new Error(JSON.stringify(answer.errors));
    const found = answer?.data?.['dataExportPiece'] as Piece | null;
    if (!found) return null;
    bytes.push(Buffer.from(found.base64, 'base64'));
    if (piece + 1 < found.pieces) continue;
    const whole = Buffer.concat(bytes);
    expect(whole.length).toBe(found.size);
    return whole;
  }
}

export type Files = Readonly<Record<string, readonly Row[]>>;

/** An archive's files by their paths, the lists in them read. */
export function filesIn(archive: Buffer): { files: Files; text: string } {
  const entries = Object.entries(unzipSync(new Uint8Array(archive)));
  const texts = entries.map(([path, bytes]) => [path, Buffer.from(bytes).toString()] as const);
  const lists = texts.filter(([path]) => path.includes('/'));
  return {
    files: Object.fromEntries(lists.map(([path, text]) => [path, JSON.parse(text) as Row[]])),
    text: texts.map(([, text]) => text).join('\n'),
  };
}

/** Asks for an archive and waits for its mail. Answers the word in the link. */
export async function exportOf(graph: RightsGraph, person: Frontend, address: string): Promise<string> {
  await person.change('requestDataExport', {}, 'dataExport { id status }');
  return tokenIn(await mailTo(graph, address, /Your data/));
}
