import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, rowMapper, toUuid, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { hashOfToken } from '../token/token.actions.ts';

export interface DataExportRow {
  id: Id;
  status: 'GATHERING' | 'READY' | 'FAILED';
  requestedAt: Date;
  readyAt: Date | null;
  expiresAt: Date | null;
  size: number | null;
}

const toDataExport = rowMapper<DataExportRow>({ id: 'export' });
const columns = sql`e.id, e.status, e.requested_at as "requestedAt", e.ready_at as "readyAt", e.expires_at as "expiresAt", e.size`;
const own = ({ viewer }: Context) => sql`e.user_id = ${viewer.userId === null ? null : toUuid(viewer.userId)}`;

/** Nobody's but the viewer's own. */
export const dataExportById = defineLoader<Id, DataExportRow | null>(async (ctx, ids) => {
  const rows = await ctx.rows<DataExportRow>(
    sql`select ${columns} from data_export e where e.id = any(${toUuids(ids)}::uuid[]) and ${own(ctx)}`,
  );
  return inOrder(ids, rows.map(toDataExport), (row) => row.id);
});

const LAST = 20;

export async function dataExportsOfViewer(ctx: Context): Promise<DataExportRow[]> {
  const rows = await ctx.rows<DataExportRow>(
    sql`select ${columns} from data_export e where ${own(ctx)} order by e.id desc limit ${sql.lit(LAST)}`,
  );
  return rows.map(toDataExport);
}

export interface Piece {
  readonly fileName: string;
  readonly size: number;
  readonly pieces: number;
  readonly base64: string;
}

/** A piece of the archive that the token in a mail stands for, as often as it is asked for until it expires. */
export async function pieceFor(
  ctx: Context,
  { token, piece }: { readonly token: string; readonly piece: number },
): Promise<Piece | null> {
  const [row] = await ctx.rows<{ readyAt: Date; size: number; pieces: number; base64: string }>(sql`
    select e.ready_at as "readyAt", e.size, translate(encode(c.bytes, 'base64'), E'\n', '') as base64,
      (select count(*)::int from data_export_chunk o where o.export_id = e.id) as pieces
    from token t
      join data_export e on e.user_id = t.user_id and e.status = 'READY' and e.expires_at > now()
      join data_export_chunk c on c.export_id = e.id and c.number = ${piece}
    where t.hash = ${hashOfToken(token.slice(0, 100))} and t.purpose = 'data-export' and t.expires_at > now()
    order by e.id desc limit 1`);
  if (!row) return null;
  const { readyAt, ...rest } = row;
  return { fileName: `data-${readyAt.toISOString().slice(0, 10)}.zip`, ...rest };
}
