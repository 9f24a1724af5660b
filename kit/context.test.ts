import { type Context, once } from './context.ts';
import { sql } from './database.ts';
import { CodedError } from './errors.ts';
import { newId, toUuid } from './ids.ts';
import { testSubgraph } from './testing/subgraph.ts';
import { until } from './testing/until.ts';
import { maker, saveWidget, Widget, widgetById, widgetSaved } from './testing/widget.ts';
import { userViewer, type Viewer } from './viewer.ts';

const graph = testSubgraph(maker);
const viewer = userViewer(newId('user'));
const contextOf = (as: Viewer = viewer): Context => graph.as(as).context();
const save = async (name: string, id?: string): Promise<string> =>
  String((await saveWidget(contextOf(), { name, ...(id === undefined ? {} : { id }) }))?.id);
const eventsOf = (id: string) => graph.rows(sql`select 1 from outbox where aggregate_id = ${id}`);
const sizeOf = async (id: string) => (await widgetById(contextOf(), id))?.size;

describe('a change', () => {
  test('writes its entities, its statements and its events, or none of them', async () => {
    const [kept, lost] = [newId('widget'), newId('widget')];
    const write = (id: string, isFailing: boolean) =>
      contextOf().change(async (tx) => {
        tx.em.create(Widget, { id, ownerId: viewer.userId, name: 'by entity', size: 0 });
        await tx.em.flush();
        await tx.rows(sql`update widget set size = 7 where id = ${toUuid(id)}`);
        tx.emit(widgetSaved, { widgetId: id, name: 'by entity', size: 7 });
        if (isFailing) throw new Error('too late');
      });
    await write(kept, false);
    await expect(write(lost, true)).rejects.toThrow('too late');
    expect([await sizeOf(kept), await sizeOf(lost)]).toEqual([7, undefined]);
    expect([await eventsOf(kept), await eventsOf(lost)].map((rows) => rows.length)).toEqual([1, 0]);
  });

  test('inside a change is one with it', async () => {
    const id = await save('outer');
    const ctx = contextOf();
    const work = ctx.change(async (tx) => {
      await tx.change((inner) => inner.rows(sql`update widget set size = 9 where id = ${toUuid(id)}`));
      throw new Error('the outer fails');
    });
    await expect(work).rejects.toThrow('the outer fails');
    expect(await sizeOf(id)).toBe(0);
    expect(ctx.emitted).toEqual([]);
  });

  test('tells its events only once they are committed', async () => {
    const ctx = contextOf();
    await ctx.change(async (tx) => {
      tx.emit(widgetSaved, { widgetId: newId('widget'), name: 'x', size: 0 });
      expect(ctx.emitted).toEqual([]);
    });
    expect(ctx.emitted).toMatchObject([{ type: 'widget.saved' }]);
  });

  test('refuses an event that is not as declared', async () => {
    const payload = { widgetId: newId('widget'), name: 'x', size: 'big' } as unknown as {
      widgetId: string;
      name: string;
      size: number;
    };
    await expect(contextOf().change(async (tx) => tx.emit(widgetSaved, payload))).rejects.toThrow(/size/);
  });

  test('does not see what loaders had read before it', async () => {
    const id = await save('read before');
    const ctx = contextOf();
    expect((await widgetById(ctx, id))?.size).toBe(0);
    await save('read before', id);
    expect((await widgetById(ctx, id))?.size).toBe(0);
    expect(await ctx.change(async (tx) => (await widgetById(tx, id))?.size)).toBe(1);
  });

  test('that meets another in a deadlock is run again, and both are done', async () => {
    const ids = [await save('one'), await save('other')];
    let runs = 0;
    const both = Promise.withResolvers<void>();
    let waiting = 0;
    const crossing = (order: readonly string[]) =>
      contextOf().change(async (tx) => {
        runs++;
        for (const [index, id] of order.entries()) {
          await tx.rows(sql`update widget set size = size + 1 where id = ${toUuid(id)}`);
          if (index === 0 && ++waiting === 2) both.resolve();
          if (index === 0) await both.promise;
        }
        tx.emit(widgetSaved, { widgetId: String(ids[0]), name: 'crossed', size: 0 });
      });
    await Promise.all([crossing(ids), crossing([...ids].reverse())]);
    expect([await sizeOf(String(ids[0])), await sizeOf(String(ids[1]))]).toEqual([2, 2]);
    expect(runs).toBe(3);
    expect(await eventsOf(String(ids[0]))).toHaveLength(3);
  });

  test('is tried four times where it collides for ever, and any other failure once', async () => {
    const tries = async (code: string) => {
      let runs = 0;
      const work = contextOf().change(() => {
        runs++;
        return Promise.reject(Object.assign(new Error('no'), { code }));
      });
      await expect(work).rejects.toThrow('no');
      return runs;
    };
    expect([await tries('40001'), await tries('40P01'), await tries('23505')]).toEqual([4, 4, 1]);
  });
});

describe('a statement by itself', () => {
  test('that is given up in a deadlock is run again', async () => {
    const [mine, theirs] = [await save('mine'), await save('theirs')];
    const grow = (id: string) => sql`update widget set size = size + 1 where id = ${toUuid(id)}`;
    const isWaiting = async () =>
      (await graph.rows(sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%held as%'`))
        .length > 0;
    let statement: Promise<unknown> = Promise.resolve();
    await contextOf().change(async (tx) => {
      await tx.rows(grow(theirs));
      const held = sql`with held as (${grow(mine)} returning 1) ${grow(theirs)} and exists (select 1 from held)`;
      statement = contextOf().rows(held);
      await until('the statement waits', isWaiting);
      // Who waits longest notices the circle first, and is the one that gives up.
      await tx.rows(grow(mine));
    });
    await statement;
    expect([await sizeOf(mine), await sizeOf(theirs)]).toEqual([2, 2]);
  });
});

describe('once', () => {
  let made = 0;
  const make = (key: string | null, input: unknown = { name: 'x' }, as: Viewer = viewer, operation = 'make') =>
    once(contextOf(as), operation, key, input, () => Promise.resolve({ made: ++made }));

  test('answers a repeat with the first answer', async () => {
    const first = await make('repeat');
    expect(await make('repeat')).toEqual(first);
  });

  test('does without a key what it is asked each time', async () => {
    expect(await make(null)).not.toEqual(await make(null));
  });

  test('keeps apart people and operations', async () => {
    const first = await make('apart');
    expect(await make('apart', { name: 'x' }, userViewer(newId('user')))).not.toEqual(first);
    expect(await make('apart', { name: 'x' }, viewer, 'other')).not.toEqual(first);
  });

  test('refuses the key with another input', async () => {
    await make('reused');
    await expect(make('reused', { name: 'y' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      field: ['idempotencyKey'],
    });
  });

  test('does the work once for twenty at a time', async () => {
    const before = made;
    const answers = await Promise.all(Array.from({ length: 20 }, () => make('at once')));
    expect(new Set(answers.map((answer) => answer.made)).size).toBe(1);
    expect(made).toBe(before + 1);
  });

  test('does not burn the key of work that failed', async () => {
    const failing = () =>
      once(contextOf(), 'make', 'unburnt', {}, () => Promise.reject(new CodedError('CONFLICT', 'not now')));
    await expect(failing()).rejects.toThrow('not now');
    await expect(failing()).rejects.toThrow('not now');
    expect(await once(contextOf(), 'make', 'unburnt', {}, () => Promise.resolve('done'))).toBe('done');
  });

  test('lets the second of two at once do the work where the first one failed', async () => {
    const started = Promise.withResolvers<void>();
    const first = once(contextOf(), 'make', 'handed on', {}, async () => {
      started.resolve();
      await graph.rows(sql`select pg_sleep(0.1)`);
      throw new Error('the first fails');
    });
    await Promise.all([
      expect(first).rejects.toThrow('the first fails'),
      started.promise.then(async () =>
        expect(await once(contextOf(), 'make', 'handed on', {}, () => Promise.resolve('second'))).toBe('second'),
      ),
    ]);
  });

  test.each(['', 'x'.repeat(201), 'a\0b', 'a\nb', '\udfff'])('takes no key like %j', async (key) => {
    await expect(make(key)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', field: ['idempotencyKey'] });
  });
});
