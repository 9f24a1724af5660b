import { fileURLToPath } from 'node:url';
import { parseConfig } from 'kit/config';
import { startSubgraph } from 'kit/running';
import { workerRedisUrl } from 'kit/testing/engines';
import { testStores } from 'kit/testing/stores';
import { config } from '../config.ts';
import { users } from '../subgraph.ts';

const stores = testStores();

test.each([
  ['CAPTCHA_SECRET', { CAPTCHA_VERIFY_URL: 'https://captcha.example/siteverify' }],
  ['CAPTCHA_VERIFY_URL', { CAPTCHA_SECRET: 'of the operator' }],
  ['PLACE_LOOKUP_MODULE', { PLACE_LOOKUP_MODULE: '/nowhere/places.js' }],
  ['PLACE_LOOKUP_MODULE', { PLACE_LOOKUP_MODULE: fileURLToPath(new URL('score.ts', import.meta.url)) }],
  ['MAIL_FROM', { MAIL_FROM: 'The Site' }],
  ['MAIL_FROM', { MAIL_FROM: 'The Site <site@example.org>, another@example.org' }],
])('a start where nothing would come of a setting names it: %s', async (name, given) => {
  const environment = { LOG_LEVEL: 'silent', REDIS_URL: workerRedisUrl(), ...given };
  const databaseUrl = await stores.urlOf(users);
  const started = startSubgraph(users, { databaseUrl, environment }).then((running) => running.stop());
  await expect(started).rejects.toThrow(name);
});

test.each(['site@example.org', 'The Site <site@example.org>', 'Broadsheet <no-reply@localhost>'])(
  'mails may come from %s',
  (MAIL_FROM) => expect(parseConfig(config, { MAIL_FROM }).MAIL_FROM).toBe(MAIL_FROM),
);
