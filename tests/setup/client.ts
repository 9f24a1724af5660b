import { createHash, randomBytes } from 'node:crypto';
import { createClient, type Client as SocketClient } from 'graphql-ws';
import { Client } from 'pg';
import { WebSocket } from 'ws';

interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface GraphqlAnswer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphqlError[];
}

/** A frontend of the graph: knows its address and perhaps a token, nothing of its inside. */
export class Frontend {
  readonly url: string;
  readonly token: string | null;
  readonly userId: string | null;

  constructor(url: string, token: string | null = null, userId: string | null = null) {
    this.url = url;
    this.token = token;
    this.userId = userId;
  }

  async ask<Data = Record<string, never>>(query: string, variables: object = {}): Promise<GraphqlAnswer<Data>> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(this.token ? { authorization: `Bearer ${this.token}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as GraphqlAnswer<Data>;
  }

  /** The data of what must succeed. */
  async data<Data = Record<string, never>>(query: string, variables: object = {}): Promise<Data> {
    const { data, errors } = await this.ask<Data>(query, variables);
    if (errors || !data) throw new Error(`expected success: ${JSON.stringify(errors)}`);
    return data;
  }

  /** The payload of a mutation that must succeed, asked again while the graph is away or not yet ready for it. */
  async change<Payload>(
    mutation: string,
    input: object,
    selection: string,
  ): Promise<Payload & { userErrors: unknown[] }> {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
    const query = `mutation Change($input: ${type}) { ${mutation}(input: $input) { ${selection} userErrors { field code message } } }`;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.ask<Record<string, Payload & { userErrors: unknown[] }>>(query, { input }).catch(
        (error: unknown) => ({
          data: null,
          errors: [{ message: String(error), extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
        }),
      );
      const payload = answer.data?.[mutation];
      if (payload && !answer.errors) {
        if (payload.userErrors.length > 0) throw new Error(`${mutation}: ${JSON.stringify(payload.userErrors)}`);
        return payload;
      }
      const code = answer.errors?.[0]?.extensions?.['code'];
      const isPassing = code === 'SUBGRAPH_UNAVAILABLE' || code === 'RETRY_LATER';
      if (!isPassing || attempt === 60) throw new Error(`${mutation}: ${JSON.stringify(answer.errors)}`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  socket(): SocketClient {
    return createClient({
      url: this.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: this.token ? { authorization: `Bearer ${this.token}` } : {},
      retryAttempts: 0,
    });
  }
}

export const PASSWORD = 'a password of the tests';

export async function signIn(url: string, identifier: string, password = PASSWORD): Promise<Frontend> {
  const query =
    'mutation SignIn($input: LoginInput!) { login(input: $input) { accessToken user { id } userErrors { code } } }';
  const { login } = await new Frontend(url).data<{ login: { accessToken: string; user: { id: string } } }>(query, {
    input: { identifier, password },
  });
  return new Frontend(url, login.accessToken, login.user.id);
}

/** Where the databases of the graphs started here are, by the graphs' addresses: a frontend cannot read its person's mail. */
export const databasesOf = new Map<string, Readonly<Record<string, string>>>();

/** A token like the one that is on its way by mail, which would take a second. */
async function verificationOf(url: string, username: string): Promise<string> {
  const client = new Client({ connectionString: databasesOf.get(url)?.['users'] });
  await client.connect();
  try {
    const token = randomBytes(32).toString('base64url');
    await client.query(
      `insert into token (hash, purpose, user_id, data, expires_at)
       select $1, 'verify-email', id, jsonb_build_object('address', email), now() + interval '1 minute' from "user" where username = $2`,
      [createHash('sha256').update(token).digest(), username],
    );
    return token;
  } finally {
    await client.end();
  }
}

/** The mail's own token ends the one that was made here, where it comes in between. */
async function confirm(url: string, visitor: Frontend, username: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await visitor.change('verifyEmail', { token: await verificationOf(url, username) }, '');
      return;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

let people = 0;

/** Signs somebody new up and in, their address confirmed. */
export async function aPerson(url: string, name = 'person'): Promise<Frontend & { username: string }> {
  const username = `${name}${process.pid}x${++people}`;
  const input = { username, email: `${username}@example.org`, password: PASSWORD };
  const visitor = new Frontend(url);
  await visitor.change('register', input, '');
  await confirm(url, visitor, username);
  return Object.assign(await signIn(url, username), { username });
}

/** Asks until the answer is as wanted; the last one is in the failure. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  isWanted: (value: Value) => boolean,
  milliseconds = 30_000,
): Promise<Value> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const value = await ask();
    if (isWanted(value)) return value;
    if (Date.now() > deadline) throw new Error(`not in ${milliseconds} ms: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Post {
  id: string;
  slug: string;
}

/** A published post. */
export async function publish(author: Frontend, title: string, markdown: string): Promise<Post> {
  const { post } = await author.change<{ post: Post }>(
    'createPost',
    { title, markdown, tags: ['stories'] },
    'post { id slug }',
  );
  await author.change('publishPost', { id: post.id }, 'post { id }');
  return post;
}
