/**
 * `npm run bench -- session-check`: the CPU that finding out who asks adds to a request: the header read, the token looked up
 * (verified the first time), the session's state looked up (asked every half second). The product's own hooks, tokens signed by a
 * key of this run; users answers from memory, since its own work is another process's. Bar: 0.1 ms.
 *
 * Prints JSON on stdout. Ends with 1 where the bar is missed. `--rounds N`, `--sessions N`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Credentials, HookTools } from 'gateway/hooks';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createHooks } from '../../gateway.config.ts';
import { median, rounded } from './statistics.ts';

const BAR_MS = 0.1;
const CHECKS = 100_000;
const CLIENT = { address: '127.0.0.1', userAgent: 'bench' };

export interface Crowd {
  readonly authorizations: readonly string[];
  readonly tools: HookTools;
  /** Questions put to users so far. */
  readonly asked: () => number;
}

/** So many people who are signed in, each with a token of their own. */
export async function signedIn(sessions: number): Promise<Crowd> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const keys = [{ ...(await exportJWK(publicKey)), alg: 'EdDSA', kid: 'bench' }];
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const authorizations: string[] = [];
  for (let index = 0; index < sessions; index++) {
    const token = await new SignJWT({ sub: `user_${index}`, sid: `session_${index}`, exp })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'bench', typ: 'at+jwt' })
      .setIssuer('broadsheet')
      .setAudience('broadsheet')
      .sign(privateKey);
    authorizations.push(`Bearer ${token}`);
  }
  let asked = 0;
  const send: HookTools['send'] = async (_, { query, variables }) => {
    asked++;
    if (query.includes('jsonWebKeySet')) return { data: { jsonWebKeySet: JSON.stringify({ keys }) } };
    const userId = String(variables?.['id']).replace('session_', 'user_');
    return { data: { sessionState: { userId, role: 'user', isUnverified: false } } };
  };
  const logger = { debug: () => undefined } as unknown as HookTools['logger'];
  const tools = { send, logger, isAllowedOrigin: () => true, isProduction: true, environment: {} };
  return { authorizations, tools, asked: () => asked };
}

/** CPU per check in milliseconds, garbage collection included. */
export async function cpuPerCheck(
  authenticate: (credentials: Credentials) => Promise<unknown>,
  authorizations: readonly (string | null)[],
  checks: number,
): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < checks; index++) {
    const authorization = authorizations[index % authorizations.length] ?? null;
    await authenticate({ authorization, requestId: 'bench', client: CLIENT });
    // Requests come in turns of the event loop; without them nothing that is remembered would ever grow old.
    if (index % 100 === 99) await nextTurn();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / checks;
}

/** Throws where the bar is missed. */
export async function run(args: readonly string[]): Promise<void> {
  const options = { rounds: { type: 'string', default: '5' }, sessions: { type: 'string', default: '1000' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const crowd = await signedIn(Number(values.sessions));
  const { authenticate } = createHooks(crowd.tools);
  const firstMs = await cpuPerCheck(authenticate, crowd.authorizations, crowd.authorizations.length);
  const signedInMs: number[] = [];
  const anonymousMs: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    signedInMs.push(await cpuPerCheck(authenticate, crowd.authorizations, CHECKS));
    anonymousMs.push(await cpuPerCheck(authenticate, [null], CHECKS));
  }
  const perRequestMs = median(signedInMs);
  const report = {
    sessions: crowd.authorizations.length,
    checks: signedInMs.length * CHECKS,
    questionsToUsers: crowd.asked(),
    cpuMs: {
      firstOfAToken: rounded(firstMs),
      signedIn: rounded(perRequestMs),
      anonymous: rounded(median(anonymousMs)),
    },
    barMs: BAR_MS,
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (perRequestMs >= BAR_MS) throw new Error(`a session check takes ${perRequestMs} ms of CPU: the bar is ${BAR_MS}`);
}
