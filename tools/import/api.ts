/** What the import asks of the public API. */
export interface ImportApi {
  readonly post: (document: NewPost) => Promise<{ id: string; status: string }>;
  readonly publish: (id: string) => Promise<void>;
}

export interface NewPost {
  readonly title: string;
  readonly markdown: string;
  readonly tags: readonly string[];
  readonly writtenAt: string | null;
  readonly importedFrom: string;
}

export interface Account {
  readonly identifier: string;
  readonly password: string;
}

interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly retryAfterSeconds?: number };
}

/** An answer of the graph that is no success: a refusal of this document, or of everything. */
export class ApiError extends Error {
  readonly code: string;
  readonly retryAfterSeconds: number | null;

  constructor(message: string, code: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const RETRIES = 5;

/** Signs in, and again whenever the access token runs out. Throws ApiError. */
export async function connect(url: string, account: Account): Promise<ImportApi> {
  let token = await signIn(url, account);
  const ask = async <Data>(query: string, variables: object): Promise<Data> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send<Data>(url, query, variables, token);
      } catch (error) {
        if (!(error instanceof ApiError) || attempt > RETRIES) throw error;
        if (error.code === 'UNAUTHENTICATED') token = await signIn(url, account);
        else if (error.code === 'RETRY_LATER' || error.code === 'UNREACHABLE') await pause(attempt);
        else throw error;
      }
    }
  };
  return {
    post: async (input) => {
      const query = `mutation Import($input: CreatePostInput!) {
        createPost(input: $input) { post { id status } userErrors { field message code } } }`;
      const { createPost } = await ask<{
        createPost: { post: { id: string; status: string } | null; userErrors: GraphqlUserError[] };
      }>(query, { input });
      return createPost.post ?? refuse(createPost.userErrors);
    },
    publish: async (id) => {
      const query =
        'mutation Publish($id: ID!) { publishPost(input: { id: $id }) { userErrors { field message code } } }';
      const { publishPost } = await ask<{ publishPost: { userErrors: GraphqlUserError[] } }>(query, { id });
      if (publishPost.userErrors.length > 0) refuse(publishPost.userErrors);
    },
  };
}

interface GraphqlUserError {
  readonly field: readonly string[] | null;
  readonly message: string;
  readonly code: string;
}

function refuse(errors: readonly GraphqlUserError[]): never {
  throw new ApiError(errors.map(({ message }) => message).join(' '), errors[0]?.code ?? 'UNKNOWN');
}

const pause = (attempt: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));

async function signIn(url: string, { identifier, password }: Account): Promise<string> {
  const query = `mutation SignIn($input: LoginInput!) {
    login(input: $input) { accessToken userErrors { field message code } } }`;
  const { login } = await send<{ login: { accessToken: string | null; userErrors: GraphqlUserError[] } }>(
    url,
    query,
    { input: { identifier, password } },
    null,
  );
  if (!login.accessToken)
    throw new ApiError(`${identifier} could not sign in: ${login.userErrors[0]?.message ?? ''}`, 'SIGN_IN');
  return login.accessToken;
}

/** The gateway's limit per minute is waited for; a limit that lasts longer ends the import. */
const PATIENCE_SECONDS = 90;

async function send<Data>(url: string, query: string, variables: object, token: string | null): Promise<Data> {
  for (;;) {
    try {
      return await sendOnce<Data>(url, query, variables, token);
    } catch (error) {
      const seconds = error instanceof ApiError && error.code === 'RATE_LIMITED' ? error.retryAfterSeconds : null;
      if (seconds === null || seconds > PATIENCE_SECONDS) throw error;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
}

async function sendOnce<Data>(url: string, query: string, variables: object, token: string | null): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(30_000),
  }).catch((error: unknown) => {
    throw new ApiError(
      `${url} does not answer (${error instanceof Error ? error.message : String(error)})`,
      'UNREACHABLE',
    );
  });
  const answer = (await response.json().catch(() => ({}))) as { data?: Data; errors?: GraphqlError[] };
  const [error] = answer.errors ?? [];
  if (error)
    throw new ApiError(error.message, error.extensions?.code ?? 'UNKNOWN', error.extensions?.retryAfterSeconds ?? null);
  if (!answer.data)
    throw new ApiError(`${url} answered ${response.status}`, response.status >= 500 ? 'UNREACHABLE' : 'UNKNOWN');
  return answer.data;
}
