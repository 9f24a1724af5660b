import { setImmediate } from 'node:timers/promises';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { settingsOf } from '../config.ts';
import { queueMail } from '../mail/mail.actions.ts';
import { createZip, type ZipWriter } from './export.zip.ts';

/** As long as the token in the mail is good. */
const KEPT_DAYS = 7;
/** Whose parts have not come by then, will not come. */
const GIVEN_UP_DAYS = 3;

interface Complete {
  readonly id: string;
  readonly userId: string;
  readonly requestedAt: Date;
}

/** Makes the archive of one export that has all its parts; false where there is none. All of it in one transaction. */
export async function assembleComplete(tx: Change): Promise<boolean> {
  const [one] = await tx.rows<Complete>(sql`
    select e.id, e.user_id as "userId", e.requested_at as "requestedAt" from data_export e
    where e.status = 'GATHERING' and not exists (
      select 1 from data_export_source s where s.export_id = e.id and (s.parts is null or s.parts <> (
        select count(*) from data_export_part p where p.export_id = e.id and p.subgraph = s.subgraph)))
    order by e.id limit 1 for update of e skip locked`);
  if (!one) return false;
  const limit = settingsOf(tx).DATA_EXPORT_MAX_MEGABYTES * 1024 * 1024;
  const size = await writeArchive(tx, one, limit);
  await tx.rows(sql`delete from data_export_part where export_id = ${one.id}`);
  if (size === null) {
    tx.log.error({ exportId: fromUuid('export', one.id) }, 'an archive is larger than DATA_EXPORT_MAX_MEGABYTES');
    await fail(tx, one.id);
    return true;
  }
  await tx.rows(sql`
    update data_export set status = 'READY', ready_at = now(), size = ${size},
      expires_at = now() + ${KEPT_DAYS} * interval '1 day' where id = ${one.id}`);
  // The word in the mail leads to the newest: those before it are of no more use.
  await tx.rows(sql`delete from data_export where user_id = ${one.userId} and id < ${one.id}`);
  const exportId = fromUuid('export', one.id);
  await queueMail(tx, {
    template: 'exportReady',
    userId: fromUuid('user', one.userId),
    data: { exportId },
    effectKey: `export-ready:${exportId}`,
  });
  return true;
}

async function fail(tx: Change, id: string): Promise<void> {
  await tx.rows(sql`update data_export set status = 'FAILED' where id = ${id}`);
  await tx.rows(sql`delete from data_export_chunk where export_id = ${id}`);
}

/** Answers the size in bytes, null where it is over the limit. */
async function writeArchive(tx: Change, { id, requestedAt }: Complete, limit: number): Promise<number | null> {
  let number = 0;
  const zip = createZip(async (bytes) => {
    await tx.rows(sql`insert into data_export_chunk (export_id, number, bytes) values (${id}, ${number++}, ${bytes})`);
  });
  const sources = await tx.rows<{ subgraph: string; counts: Record<string, number> }>(
    sql`select subgraph, counts from data_export_source where export_id = ${id} order by subgraph`,
  );
  const counts = Object.assign({}, ...sources.map((source) => source.counts)) as Record<string, number>;
  await zip.file('README.txt', [README]);
  await zip.file('contents.json', [JSON.stringify({ requestedAt, rows: counts }, null, 2)]);
  for (const { subgraph, counts: files } of sources) {
    for (const file of Object.keys(files)) {
      await writeFile(tx, zip, { id, subgraph, file });
      if (zip.size() > limit) return null;
    }
  }
  await zip.end();
  return zip.size();
}

interface FileKey {
  readonly id: string;
  readonly subgraph: string;
  readonly file: string;
}

/** One part in memory at a time. */
async function writeFile(tx: Change, zip: ZipWriter, { id, subgraph, file }: FileKey): Promise<void> {
  const parts = await tx.rows<{ number: number }>(sql`
    select number from data_export_part where export_id = ${id} and subgraph = ${subgraph} and file = ${file} order by number`);
  const write = await zip.open(file);
  await write('[');
  for (const [index, { number }] of parts.entries()) {
    const [part] = await tx.rows<{ body: string }>(sql`
      select body from data_export_part where export_id = ${id} and subgraph = ${subgraph} and number = ${number}`);
    await write(`${index === 0 ? '\n' : ',\n'}${part?.body ?? ''}`);
    // Requests are answered between two parts.
    await setImmediate();
  }
  await write('\n]\n', true);
}

const README = `What the site knows of you, by the part that knows it. Every file is a list in JSON (RFC 8259, UTF-8); a file with
an empty list says that there is nothing of the kind. Passwords and keys are not here: they are not kept in a form
that could be given to anybody.
`;

export async function forgetOldExports(ctx: Context): Promise<void> {
  await ctx.change(async (tx) => {
    await tx.rows(sql`delete from data_export where status = 'READY' and expires_at < now()`);
    await tx.rows(sql`
      delete from data_export where status = 'FAILED' and requested_at < now() - ${KEPT_DAYS} * interval '1 day'`);
    const late = await tx.rows<{ id: string }>(sql`
      update data_export set status = 'FAILED'
      where status = 'GATHERING' and requested_at < now() - ${GIVEN_UP_DAYS} * interval '1 day' returning id`);
    if (late.length === 0) return;
    tx.log.error({ count: late.length }, 'archives were given up: not all subgraphs have answered');
    await tx.rows(sql`delete from data_export_part where export_id = any(${late.map(({ id }) => id)}::uuid[])`);
  });
}
