import type { HookTools } from 'gateway/hooks';
import type { OperationEvent, Plugin, PluginContext, ResponseChange, ResponseEvent } from 'gateway/plugins';
import { refusal } from 'gateway/errors';
import { fieldsIn, hasDirectives, responseKey, variablesOfType } from 'gateway/operation/selected';
import type { FieldNode } from 'graphql';

/** Asks for the cookie in the token's place. A page of another site needs our permission to send it: the protection from CSRF. */
export const COOKIE_HEADER = 'x-refresh-token';
/** A browser takes this prefix from this very host only, over TLS or from localhost: nobody can plant one. */
export const COOKIE_NAME = '__Host-refresh';

/** Root fields that answer a SessionPayload; a test holds this against the graph. */
export const STARTING: ReadonlySet<string> = new Set(['login', 'completeLogin', 'refreshSession']);
const ENDING = 'logout';
const TOKEN = 'refreshToken';
const INPUT_TYPE = 'RefreshSessionInput';

type Asked = OperationEvent['operation'];
type Data = Record<string, unknown>;

/**
 * Refresh tokens in a cookie that no script can read, for web clients that ask for it with `X-Refresh-Token: cookie`. It is
 * read for `refreshSession` alone, and then whatever refresh token the answer holds goes into the cookie and nowhere else.
 */
export function refreshCookie(
  { isAllowedOrigin }: Pick<HookTools, 'isAllowedOrigin'>,
  { lifetimeSeconds }: { readonly lifetimeSeconds: number },
): Plugin {
  return {
    name: 'refresh-cookie',
    onOperation: ({ operation, variables, context }) => {
      const field = wantsCookie(context) ? signInFieldOf(operation) : null;
      if (!field) return undefined;
      if (!isFromOurPage(context, isAllowedOrigin)) throw foreign();
      if (field.name.value === ENDING) return undefined;
      // What is skipped would be lost, and what is deferred would come where nobody takes it out.
      if (hasDirectives(operation.document)) throw withDirectives();
      if (tokenKeysOf(operation, field).size === 0) throw tokenNotAsked();
      return field.name.value === 'refreshSession' ? { variables: filled(operation, variables, context) } : undefined;
    },
    onResponse: (event) => {
      const field = wantsCookie(event.context) ? signInFieldOf(event.operation) : null;
      if (!field) return undefined;
      return field.name.value === ENDING ? afterLogout(event, field) : hidden(event, field, lifetimeSeconds);
    },
  };
}

function wantsCookie({ headers }: PluginContext): boolean {
  const wanted = headers[COOKIE_HEADER];
  if (wanted === undefined) return false;
  if (wanted === 'cookie') return true;
  throw refusal('BAD_REQUEST', 'The header X-Refresh-Token is "cookie", or left out.', { status: 400 });
}

/** The one root field that has to do with tokens; an operation may use such fields once. */
function signInFieldOf(operation: Asked): FieldNode | null {
  const fields = fieldsIn(operation.document, operation.node.selectionSet);
  return fields.find(({ name }) => STARTING.has(name.value) || name.value === ENDING) ?? null;
}

/** The browser's own word beside the header: no cookie of ours is sent from another site. */
function isFromOurPage({ headers }: PluginContext, isAllowedOrigin: HookTools['isAllowedOrigin']): boolean {
  return headers['sec-fetch-site'] !== 'cross-site' && isAllowedOrigin(headers);
}

/** A variable of that type can go nowhere but into `refreshSession`: the graph's own check sees to it. */
function filled({ document }: Asked, variables: OperationEvent['variables'], context: PluginContext) {
  const [name] = variablesOfType(document, INPUT_TYPE);
  if (name === undefined)
    throw refusal('BAD_REQUEST', 'With X-Refresh-Token the input is one variable.', { status: 400 });
  const given = (variables[name] ?? {}) as Data;
  if (typeof given[TOKEN] === 'string' && given[TOKEN] !== '') return variables;
  const token = cookieIn(context.headers.cookie ?? '');
  if (token === null)
    throw refusal('UNAUTHENTICATED', 'There is no refresh token in a cookie; sign in.', { status: 401 });
  return { ...variables, [name]: { ...given, [TOKEN]: token } };
}

function cookieIn(header: string): string | null {
  for (const pair of header.split(';')) {
    const [name, ...value] = pair.trim().split('=');
    if (name === COOKIE_NAME && value.length > 0) return value.join('=');
  }
  return null;
}

/** Every refresh token out of the answer and into the cookie; an exchange that gave none has ended the session. */
function hidden(
  { operation, answer }: ResponseEvent,
  field: FieldNode,
  lifetimeSeconds: number,
): ResponseChange | void {
  const rootKey = responseKey(field);
  const payload = (answer.data?.[rootKey] ?? null) as Data | null;
  if (payload === null) return undefined;
  const keys = tokenKeysOf(operation, field);
  let token: string | null = null;
  const shown = { ...payload };
  for (const key of keys) {
    if (typeof shown[key] === 'string') token = shown[key];
    shown[key] = null;
  }
  const isOver = token === null && field.name.value === 'refreshSession' && !answer.errors;
  if (token === null) return isOver ? { headers: { 'set-cookie': cookieOf('', 0) } } : undefined;
  return {
    data: { ...answer.data, [rootKey]: shown },
    headers: { 'set-cookie': cookieOf(token, lifetimeSeconds) },
  };
}

function afterLogout({ answer }: ResponseEvent, field: FieldNode): ResponseChange | void {
  const isDone = !answer.errors && (answer.data?.[responseKey(field)] ?? null) !== null;
  return isDone ? { headers: { 'set-cookie': cookieOf('', 0) } } : undefined;
}

const cookieOf = (token: string, maxAgeSeconds: number): string =>
  `${COOKIE_NAME}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; Secure; SameSite=Strict`;

/** Under which names the answer of a field holds the refresh token. */
function tokenKeysOf(operation: Asked, { selectionSet }: FieldNode): ReadonlySet<string> {
  const fields = selectionSet ? fieldsIn(operation.document, selectionSet) : [];
  return new Set(fields.filter(({ name }) => name.value === TOKEN).map(responseKey));
}

const foreign = () =>
  refusal('FORBIDDEN', 'Pages of another site may not use the cookie of this one.', { status: 403 });
const withDirectives = () =>
  refusal('BAD_REQUEST', 'With X-Refresh-Token an operation that signs in has no directives.', { status: 400 });
const tokenNotAsked = () =>
  refusal('BAD_REQUEST', 'With X-Refresh-Token select refreshToken too: it goes into the cookie and is null here.', {
    status: 400,
  });
