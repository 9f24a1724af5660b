import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { subgraphs } from 'subgraphs/start';
import { apiSchema, cell, gatewaySource, subgraphSource } from './answers.ts';
import { isShownTo } from './blocks.ts';
import type { Inquiry } from './collect.ts';
import type { Answer, Credentials, Failure } from './doors.ts';
import type { HeldCase, Holder } from './holders.ts';
import { isReached, within } from './narrow.ts';
import type { Instance } from './people.ts';
import { samples } from './samples.ts';
import { operationOf, rootType } from './selection.ts';
import { isRuledIn } from './ways.ts';
import type { World } from './world.ts';

const PATIENCE_MS = 15_000;
const ROUND_MS = 400;

interface Following {
  readonly one: HeldCase;
  readonly field: string;
  readonly first: Promise<Answer>;
  isSettled: boolean;
}

/** Follows every subscription as everyone, through sockets of the gateway and past it, while there is something to tell. */
export async function followAll({ world, answers, holders }: Inquiry): Promise<void> {
  const live = holders.filter(({ asks }) => asks(gatewaySource('Subscription', '')));
  const sockets = live.map((holder) => [holder, socketOf(world, holder)] as const);
  const followings = sockets.flatMap(([holder, socket]) =>
    Object.entries(samples['Subscription'] ?? {}).flatMap(([field, { instances, belongsTo }]) =>
      instances.map((instance): Following => {
        const { role, personFor, as } = holder;
        const one = { role, person: personFor(belongsTo), instance, holder, as: as(belongsTo) };
        return { one, field, first: firstOf(world, socket, field, one), isSettled: false };
      }),
    ),
  );
  for (const following of followings) void following.first.then(() => (following.isSettled = true));
  await makeNews(world, followings);
  const nothing: Answer = { data: null, errors: [] };
  for (const { one, field, first } of followings) {
    const answer = await Promise.race([first, Promise.resolve(nothing)]);
    answers.set(cell(gatewaySource('Subscription', field), one.holder.name, one.instance), answer);
  }
  for (const [, socket] of sockets) await socket.dispose();
  await Promise.all(
    followings
      .filter(({ one }) => one.holder.asks(subgraphSource('', 'Subscription', '')))
      .map(async ({ one, field }) => {
        const { name, answer } = await askSubgraph(world, field, one);
        answers.set(cell(subgraphSource(name, 'Subscription', field), one.holder.name, one.instance), answer);
      }),
  );
}

const socketOf = ({ url, credentials }: World, { as, personFor }: Holder): Client =>
  openSocket(url, as('author') ?? credentials.get(personFor('author')));

export function openSocket(url: string, credentials: Credentials | undefined): Client {
  const token = credentials?.token;
  return createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: token ? { authorization: `Bearer ${token}` } : {},
    retryAttempts: 0,
  });
}

/** What of it a key is good for; and the whole where that is nothing, so that it is refused. */
function queryOf(schema: typeof apiSchema, field: string, { held }: Holder): string {
  const query = operationOf(schema, 'Subscription', field) ?? '';
  return isReached([`Subscription.${field}`], held) ? (within(schema, query, held) ?? query) : query;
}

async function firstOf(world: World, socket: Client, field: string, one: HeldCase): Promise<Answer> {
  const query = queryOf(apiSchema, field, one.holder);
  const variables = { ...(await samples['Subscription']?.[field]?.given(world, one))?.variables };
  const note = (text: string) => world.uttered.push({ person: one.person, what: `socket: ${query}`, text });
  return new Promise((resolve) => {
    socket.subscribe<Record<string, unknown>>(
      { query, variables },
      {
        next: ({ data = null, errors = [] }) => {
          note(JSON.stringify({ data, errors }));
          resolve({ data, errors: errors });
        },
        error: (error) => {
          note(JSON.stringify(error));
          resolve({ data: null, errors: failuresOf(error) });
        },
        complete: () => undefined,
      },
    );
  });
}

/** Of the operation; or that the socket was not opened, or closed. */
const failuresOf = (error: unknown): readonly Failure[] =>
  Array.isArray(error) ? (error as Failure[]) : [{ message: 'closed', extensions: { code: 'UNAUTHENTICATED' } }];

/** Changes both posts, with a comment and a reader each, until all who should hear have heard, and once more for the others. */
async function makeNews({ change, gateway, posts }: World, followings: readonly Following[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  const listeners = followings.filter(({ field, one: { role, instance, holder } }) => {
    const entry = `Subscription.${field}`;
    return (
      isRuledIn(entry, role) && isShownTo(entry, role, instance) && isReached([entry], holder.held) && !holder.isOut
    );
  });
  for (let isLast = false; ;) {
    for (const { id } of [posts.public, posts.private]) {
      const { data } = await gateway({ person: 'author' }, 'query ($id: ID!) { post(id: $id) { version } }', { id });
      const { version } = data?.['post'] as { version: number };
      await change('author', 'updatePost', { id, version, reason: 'news' });
      await change('author', 'addComment', { postId: id, markdown: 'News.' });
      await change('author', 'trackEvent', { postId: id, kind: 'LIKE' });
    }
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    if (isLast || Date.now() > deadline) return;
    isLast = listeners.every(({ isSettled }) => isSettled);
  }
}

/** At the subgraph: may they follow it, and what is an event to them. */
async function askSubgraph(world: World, field: string, one: HeldCase): Promise<{ name: string; answer: Answer }> {
  const definition = subgraphs.find(({ schema }) => rootType(schema, 'Subscription')?.getFields()[field]);
  if (!definition) throw new Error(`no subgraph answers ${field}`);
  const query = queryOf(definition.schema, field, one.holder);
  const { variables = {} } = (await samples['Subscription']?.[field]?.given(world, one)) ?? {};
  const asker = { person: one.person, ...(one.as ? { as: one.as } : {}) };
  const ask = (live: 'subscribe' | { event: Record<string, unknown> }) =>
    world.subgraph(definition.name, asker, query, variables, live);
  const start = await ask('subscribe');
  const event = { postId: eventOf(world, one.instance).post, commentId: eventOf(world, one.instance).comment };
  const told = await ask({ event });
  // Whoever may not follow it must hear nothing either, should an event reach them.
  const isHeard = told.data?.[field] != null;
  return {
    name: definition.name,
    answer: isHeard ? told : { data: null, errors: [...start.errors, ...told.errors] },
  };
}

function eventOf(world: World, instance: Instance): { post: string; comment: string } {
  return { post: world.posts[instance].id, comment: world.comments[instance === 'public' ? 'public' : 'private'] };
}
