import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { subgraphs } from 'subgraphs/start';
import { type Answers, apiSchema, cell, gatewaySource, subgraphSource } from './answers.ts';
import type { Answer, Failure } from './doors.ts';
import { isShownTo } from './blocks.ts';
import { type Case, type Instance, personOf, roles } from './people.ts';
import { samples } from './samples.ts';
import { operationOf, rootType } from './selection.ts';
import { isRuledIn } from './ways.ts';
import type { World } from './world.ts';

const PATIENCE_MS = 15_000;
const ROUND_MS = 400;

interface Following {
  readonly one: Case;
  readonly field: string;
  readonly first: Promise<Answer>;
  isSettled: boolean;
}

/** Follows every subscription as everyone, through sockets of the gateway and past it, while there is something to tell. */
export async function followAll(world: World, answers: Answers): Promise<void> {
  const sockets = roles.map((role) => [role, socketOf(world, role)] as const);
  const followings = sockets.flatMap(([role, socket]) =>
    Object.entries(samples['Subscription'] ?? {}).flatMap(([field, sample]) =>
      sample.instances.map((instance) => {
        const one: Case = { role, person: personOf(role, sample.belongsTo), instance };
        return { one, field, first: firstOf(world, socket, field, one), isSettled: false };
      }),
    ),
  );
  for (const following of followings) void following.first.then(() => (following.isSettled = true));
  await makeNews(world, followings);
  const nothing: Answer = { data: null, errors: [] };
  for (const { one, field, first } of followings) {
    const answer = await Promise.race([first, Promise.resolve(nothing)]);
    answers.set(cell(gatewaySource('Subscription', field), one.role, one.instance), answer);
  }
  for (const [, socket] of sockets) await socket.dispose();
  for (const { one, field } of followings) await askSubgraph(world, answers, field, one);
}

function socketOf({ url, credentials }: World, role: (typeof roles)[number]): Client {
  const token = credentials.get(personOf(role, 'author'))?.token;
  return createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: token ? { authorization: `Bearer ${token}` } : {},
    retryAttempts: 0,
  });
}

async function firstOf(world: World, socket: Client, field: string, one: Case): Promise<Answer> {
  const query = operationOf(apiSchema, 'Subscription', field) ?? '';
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
          resolve({ data: null, errors: error as readonly Failure[] });
        },
        complete: () => undefined,
      },
    );
  });
}

/** Changes both posts, with a comment and a reader each, until all who should hear have heard, and once more for the others. */
async function makeNews({ change, gateway, posts }: World, followings: readonly Following[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  const listeners = followings.filter(
    ({ field, one: { role, instance } }) =>
      isRuledIn(`Subscription.${field}`, role) && isShownTo(`Subscription.${field}`, role, instance),
  );
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
async function askSubgraph(world: World, answers: Answers, field: string, one: Case): Promise<void> {
  const definition = subgraphs.find(({ schema }) => rootType(schema, 'Subscription')?.getFields()[field]);
  if (!definition) throw new Error(`no subgraph answers ${field}`);
  const query = operationOf(definition.schema, 'Subscription', field) ?? '';
  const { variables = {} } = (await samples['Subscription']?.[field]?.given(world, one)) ?? {};
  const ask = (live: 'subscribe' | { event: Record<string, unknown> }) =>
    world.subgraph(definition.name, { person: one.person }, query, variables, live);
  const start = await ask('subscribe');
  const event = { postId: eventOf(world, one.instance).post, commentId: eventOf(world, one.instance).comment };
  const told = await ask({ event });
  // Whoever may not follow it must hear nothing either, should an event reach them.
  const isHeard = told.data?.[field] != null;
  const answer = isHeard ? told : { data: null, errors: [...start.errors, ...told.errors] };
  answers.set(cell(subgraphSource(definition.name, 'Subscription', field), one.role, one.instance), answer);
}

function eventOf(world: World, instance: Instance): { post: string; comment: string } {
  return { post: world.posts[instance].id, comment: world.comments[instance === 'public' ? 'public' : 'private'] };
}
