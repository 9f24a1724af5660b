import { startSubgraph } from 'kit/running';
import { anonymous } from 'kit/viewer';
import { users } from '../subgraph.ts';

/**
 * A process that signs people up and mails them, for tests that kill one:
 * `mail.child.testing.ts DATABASE_URL REDIS_URL MAIL_URL NAME...`.
 */
const [databaseUrl = '', REDIS_URL, MAIL_URL, ...names] = process.argv.slice(2);
const LIMIT_REGISTER_PER_MINUTE = '1000';
const environment = { LOG_LEVEL: 'silent', REDIS_URL, MAIL_URL, LIMIT_REGISTER_PER_MINUTE };
const running = await startSubgraph(users, { databaseUrl, environment });
const query = 'mutation ($input: RegisterInput!) { register(input: $input) { userErrors { message } } }';
for (const username of names) {
  const input = { username, email: `${username}@example.org`, password: 'a password of the tests' };
  const client = { address: '127.0.0.1', userAgent: 'test' };
  const hop = { viewer: anonymous, requestId: crypto.randomUUID(), client, after: [] };
  const { errors } = await running.execute({ query, variables: { input } }, hop);
  if (errors) throw new Error(JSON.stringify(errors));
}
