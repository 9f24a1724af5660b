import { refusal } from 'gateway/errors';
import type { HookTools, Route } from 'gateway/hooks';

interface Piece {
  readonly fileName: string;
  readonly size: number;
  readonly pieces: number;
  readonly base64: string;
}

const PIECE = `query DataExportPiece($token: String!, $piece: Int!) {
  dataExportPiece(token: $token, piece: $piece) { fileName size pieces base64 }
}`;

/**
 * The archive for the word in the mail. It comes in the body and not in the address, which logs and histories keep; no session
 * is asked for, since the mail may be read elsewhere.
 */
export const dataExportRoute = (send: HookTools['send'], requestsPerMinute: number): Route => ({
  limit: { name: 'archives', requests: requestsPerMinute, windowSeconds: 60 },
  POST: async (request) => {
    const { token } = ((await request.json()) ?? {}) as { token?: unknown };
    if (typeof token !== 'string') throw refusal('BAD_REQUEST', 'The body is { "token": "…" }.', { status: 400 });
    const first = await pieceOf(send, token, 0);
    if (!first)
      throw refusal('NOT_FOUND', 'That link is good for nothing any more; ask for a new archive.', { status: 404 });
    return {
      status: 200,
      headers: {
        'content-type': 'application/zip',
        'content-length': String(first.size),
        'content-disposition': `attachment; filename="${first.fileName}"`,
        'cache-control': 'no-store',
      },
      body: piecesFrom(send, token, first),
    };
  },
});

/** One piece at a time, and the next once the client has taken the one before: no archive is held here whole. */
async function* piecesFrom(send: HookTools['send'], token: string, first: Piece): AsyncGenerator<Buffer> {
  yield Buffer.from(first.base64, 'base64');
  for (let piece = 1; piece < first.pieces; piece++) {
    const next = await pieceOf(send, token, piece);
    if (next?.size !== first.size) throw away();
    yield Buffer.from(next.base64, 'base64');
  }
}

const away = () => refusal('RETRY_LATER', 'The archive cannot be read just now.', { status: 503 });

async function pieceOf(send: HookTools['send'], token: string, piece: number): Promise<Piece | null> {
  const answer = await send('users', { query: PIECE, variables: { token, piece } }).catch(() => null);
  if (!answer?.data) throw away();
  return answer.data['dataExportPiece'] as Piece | null;
}
