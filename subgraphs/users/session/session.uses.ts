import type { Context, Services } from 'kit/context';
import { sql } from 'kit/database';

/** A session's last use is known to the minute. */
export const USE_SECONDS = 60;
const GATHERED_MS = 1000;

const gathered = new WeakMap<Services, Set<string>>();

/** Writes down that sessions are in use, all of a second in one statement; their rows say when it is time again. */
export function noteUses(ctx: Context, uuids: readonly string[]): void {
  if (uuids.length === 0) return;
  const waiting = gathered.get(ctx.services);
  if (waiting) return uuids.forEach((uuid) => waiting.add(uuid));
  gathered.set(ctx.services, new Set(uuids));
  setTimeout(() => {
    const all = [...(gathered.get(ctx.services) ?? [])];
    gathered.delete(ctx.services);
    void writeUses(ctx, all).catch((error: unknown) => {
      // Nobody waits for it, and the next use says it again.
      ctx.log.warn({ err: error }, 'the last use of sessions was not written');
    });
  }, GATHERED_MS).unref();
}

/** In the order of ids, so that two processes never wait for each other. */
const writeUses = (ctx: Context, uuids: readonly string[]): Promise<unknown> =>
  ctx.rows(sql`
    with used as (
      select id from session where id = any(${[...uuids]}::uuid[])
        and last_used_at < now() - ${USE_SECONDS} * interval '1 second' order by id for no key update skip locked)
    update session s set last_used_at = now() from used where s.id = used.id`);
