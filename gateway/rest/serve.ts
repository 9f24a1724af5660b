import type { IncomingMessage } from 'node:http';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'kit/logger';
import { isRefusal, type Answer, type GraphqlRequest } from '../answer.ts';
import { contextOf } from '../authenticated.ts';
import { hasNoBody, readJsonBody } from '../body.ts';
import { masked, refusal } from '../errors.ts';
import type { RequestContext } from '../execution/context.ts';
import type { GatewayHooks } from '../hooks.ts';
import { addHeaders, send, type Exchange } from '../http.ts';
import type { Pipeline } from '../pipeline.ts';
import { notJson, refusedBody } from '../product-routes.ts';
import { retryAfterOf } from '../retry-after.ts';
import { compileParameters, unknownParameters } from './parameters.ts';
import { createStatusOf, problemOf, PROBLEM_TYPE, userProblem, type Problem, type StatusOf } from './problem.ts';
import { isWithoutBody, type CompiledOperation, type RestApi } from './rest.ts';

export interface RestOptions {
  readonly api: RestApi;
  readonly pipeline: Pipeline;
  readonly hooks: Pick<GatewayHooks, 'authenticate'>;
  readonly bodyLimitBytes: number;
  /** Whether no other site has made a browser send this GET. */
  readonly isDeliberate: (request: IncomingMessage) => boolean;
  readonly log: Logger;
}

export type RestHandler = (exchange: Exchange, parameters: Readonly<Record<string, string>>) => Promise<void>;

/** Serves one operation of the table: the same pipeline and limits as GraphQL, another form. */
export function serveOperation(options: RestOptions, compiled: CompiledOperation): RestHandler {
  const { pipeline, api } = options;
  const statusOf = createStatusOf(api.statuses);
  const requestOf = compileRequest(options, compiled);
  return guarded(options, async (exchange, parameters) => {
    const request = await requestOf(exchange, parameters);
    const context = await contextOf(exchange, options);
    if (context instanceof GraphQLError) throw context;
    checkOwn(compiled, context, parameters);
    const ready = await pipeline.prepare(request, context);
    if (context.limitHeaders) addHeaders(exchange, context.limitHeaders);
    if (isRefusal(ready)) throw ready.errors[0] ?? refusal('BAD_REQUEST', 'It was refused.', { status: 400 });
    const answer = await pipeline.execute(ready, context);
    if (context.answerHeaders) addHeaders(exchange, context.answerHeaders);
    const retryAfter = retryAfterOf(answer, compiled.node.operation === 'mutation');
    if (retryAfter !== null) addHeaders(exchange, { 'retry-after': String(retryAfter) });
    sendAnswer(exchange, compiled, answer, statusOf);
  });
}

/** What is thrown becomes a problem: refusals as they are, anything else masked and logged. */
export function guarded({ pipeline, log }: Pick<RestOptions, 'pipeline' | 'log'>, handler: RestHandler): RestHandler {
  return async (exchange, parameters) => {
    const { request, requestId, path, response } = exchange;
    try {
      await handler(exchange, parameters);
    } catch (error) {
      // A sender that goes away in the middle is no failure of ours.
      if (request.destroyed && !request.complete) return log.debug({ requestId, path }, 'the sender has gone');
      if (response.headersSent) throw error;
      if (!(error instanceof GraphQLError)) log.error({ err: error, requestId, path }, 'a request has failed');
      const [formatted, status] =
        error instanceof GraphQLError ? [pipeline.format(error), statusIn(error)] : [masked(requestId), 500];
      sendProblem(exchange, problemOf(formatted, status, requestId));
    }
  };
}

const statusIn = ({ extensions }: GraphQLError): number =>
  (extensions['http'] as { readonly status?: number } | undefined)?.status ??
  (extensions['code'] === undefined ? 500 : 400);

type RequestOf = (exchange: Exchange, parameters: Readonly<Record<string, string>>) => Promise<GraphqlRequest>;

function compileRequest({ bodyLimitBytes, isDeliberate }: RestOptions, compiled: CompiledOperation): RequestOf {
  const { declared } = compiled;
  const readParameters = compileParameters(compiled);
  return async ({ request, search }, parameters) => {
    // JSON is what no page of another site may send unasked; whatever comes without it, one may.
    const isWithoutJson = declared.body === undefined || (declared.isBodyOptional === true && hasNoBody(request));
    if (isWithoutJson && !isDeliberate(request)) throw refusal('FORBIDDEN', FORGEABLE, { status: 403 });
    const [unknown] = unknownParameters(compiled, search);
    if (unknown !== undefined)
      throw refusal('BAD_REQUEST', `There is no parameter "${unknown}" here.`, { status: 400 });
    const variables = readParameters(parameters, search);
    if (declared.body !== undefined) {
      const isOptional = declared.isBodyOptional === true;
      variables[declared.body] = await readBody(request, bodyLimitBytes, isOptional);
    }
    return { query: declared.document, operationName: null, variables, extensions: {}, isOwn: true };
  };
}

const FORGEABLE =
  'Any site could have made a browser send this: add the header Apollo-Require-Preflight, or ask from an allowed origin.';

async function readBody(request: IncomingMessage, limitBytes: number, isOptional: boolean): Promise<unknown> {
  if (isOptional && hasNoBody(request)) return {};
  const body = await readJsonBody(request, limitBytes);
  if ('refused' in body) throw refusedBody(body.refused);
  if (body.value === undefined) throw notJson(hasNoBody(request));
  if (typeof body.value !== 'object' || body.value === null || Array.isArray(body.value))
    throw refusal('BAD_REQUEST', 'The body must be a JSON object.', { status: 400 });
  return body.value;
}

/** A path that names somebody is theirs alone, where its operation acts on whoever asks. */
function checkOwn(
  { declared: { own } }: CompiledOperation,
  { viewer }: RequestContext,
  parameters: Readonly<Record<string, string>>,
): void {
  if (own === undefined) return;
  if (viewer.userId === null) throw refusal('UNAUTHENTICATED', 'Sign in first.', { status: 401 });
  if (parameters[own] !== viewer.userId)
    throw refusal('FORBIDDEN', 'This is somebody else’s, and only they may change it.', { status: 403 });
}

/** Parts that the viewer may not see are null, as everywhere. */
const LEFT_OUT: ReadonlySet<unknown> = new Set(['UNAUTHORIZED_FIELD_OR_TYPE', 'FORBIDDEN']);

function sendAnswer(exchange: Exchange, compiled: CompiledOperation, answer: Answer, statusOf: StatusOf): void {
  const { declared, rootKey } = compiled;
  const { requestId } = exchange;
  const root = answer.data?.[rootKey] ?? null;
  const failure = answer.errors?.find(isFailure);
  if (failure) {
    const { code } = failure.extensions ?? {};
    const status = statusOf(typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR');
    return sendProblem(exchange, problemOf(failure, status, requestId));
  }
  const problem = userProblem(root, statusOf, requestId);
  if (problem) return sendProblem(exchange, problem);
  if (isWithoutBody(declared)) return send(exchange, declared.status ?? 204, NOT_KEPT, '');
  const part = partOf(root, declared.part);
  if (part === null || part === undefined) {
    const error = { message: 'It does not exist, or you may not see it.', extensions: { code: 'NOT_FOUND' } };
    return sendProblem(exchange, problemOf(error, 404, requestId));
  }
  send(exchange, declared.status ?? 200, { ...JSON_TYPE, ...NOT_KEPT }, JSON.stringify(part));
}

function isFailure({ path = [], extensions }: GraphQLFormattedError): boolean {
  return path.length < 2 || !LEFT_OUT.has(extensions?.['code']);
}

function partOf(root: unknown, part: string | undefined): unknown {
  if (root === null || Array.isArray(root) || typeof root !== 'object') return root;
  const { userErrors: _, ...value } = root as Record<string, unknown>;
  return part === undefined ? value : value[part];
}

const NOT_KEPT = { 'cache-control': 'no-store' };
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

export function sendProblem(exchange: Exchange, problem: Problem): void {
  if (problem.status === 401) addHeaders(exchange, { 'www-authenticate': 'Bearer' });
  if (problem.retryAfterSeconds !== undefined)
    addHeaders(exchange, { 'retry-after': String(problem.retryAfterSeconds) });
  send(exchange, problem.status, { 'content-type': PROBLEM_TYPE, ...NOT_KEPT }, JSON.stringify(problem));
}
