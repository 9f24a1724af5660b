import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { gatewaySettings } from 'gateway/config';
import { parseConfig } from 'kit/config';
import { config as usersConfig } from 'subgraphs/users/config';
import { edgeSettings } from '../../edge/config.ts';
import { readSupergraphConfig } from '../schema/supergraph-config.ts';
import { type ComposeFile, type ComposeService, readComposeFile, requiredVariables } from './compose-file.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const text = read('docker-compose.yml');

const validate = new Ajv({ allErrors: true, strict: false }).compile<ComposeFile>(
  JSON.parse(read('tools/compose/compose-file.schema.json')) as object,
);

/** The file as `make-env.sh` and Compose make it, with what an operator writes into `.env`. */
function composeFile(further: Readonly<Record<string, string>> = {}): ComposeFile {
  const folder = mkdtempSync(join(tmpdir(), 'compose-'));
  try {
    mkdirSync(join(folder, 'deploy/compose'), { recursive: true });
    cpSync(join(root, 'deploy/compose/make-env.sh'), join(folder, 'deploy/compose/make-env.sh'));
    execFileSync('bash', [join(folder, 'deploy/compose/make-env.sh')]);
    const lines = readFileSync(join(folder, '.env'), 'utf8')
      .split('\n')
      .filter((line) => /^\w+=/.test(line));
    const variables = Object.fromEntries(lines.map((line) => line.split('=') as [string, string]));
    return readComposeFile(text, { ...variables, ...further }) as ComposeFile;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const file = composeFile();
const subgraphs = readSupergraphConfig(read('supergraph.yaml')).subgraphs.map(({ name }) => name);
const service = (name: string): ComposeService => file.services[name] ?? { image: 'none' };
const ours = Object.entries(file.services).filter(([, { build }]) => build !== undefined);

test('the file is a Compose file, and a misspelt element would not be', () => {
  expect(validate(file) ? [] : validate.errors).toEqual([]);
  expect(validate({ services: { a: { image: 'a:1', enviroment: {} } } })).toBe(false);
  expect(validate({ services: { a: { image: 'a:1', depends_on: { b: { condition: 'healthy' } } } } })).toBe(false);
});

test('without its secrets it refuses to start, and make-env.sh makes them all', () => {
  expect(requiredVariables(text)).toEqual(expect.arrayContaining(['HOP_SECRET', 'POSTGRES_PASSWORD']));
  expect(() => readComposeFile(text, {})).toThrow(/: set it in \.env/);
  expect(file.services['users']?.environment?.['HOP_SECRET']).toMatch(/^[0-9a-f]{64}$/);
});

/** A container's settings, as it would read them with further lines in `.env`. */
function settingsIn<Settings>(
  name: string,
  parse: (environment: Record<string, string>) => Settings,
  further: Readonly<Record<string, string>> = {},
): Settings {
  const { environment = {} } = composeFile(further).services[name] ?? {};
  return parse(Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, String(value ?? '')])));
}
const usersSettings = (environment: Record<string, string>) => parseConfig(usersConfig, environment);

test('as make-env.sh leaves it, it starts for production, its keys encrypted, and its mails wait', () => {
  const settings = settingsIn('users', usersSettings);
  expect(settings.MAIL_URL).toBeUndefined();
  expect(settings).toMatchObject({
    NODE_ENV: 'production',
    KEY_ENCRYPTION_SECRET: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    REFRESH_TOKEN_DAYS: 7,
    SITE_NAME: 'Broadsheet',
  });
  expect(settingsIn('gateway', gatewaySettings)).toMatchObject({ isProduction: true, isIntrospectable: false });
});

test('what is set in .env reaches users, and the gateway where both must agree', () => {
  const site = { SITE_NAME: 'The Site', REFRESH_TOKEN_DAYS: '3' };
  const mail = {
    ...{
      PUBLIC_URL: 'https://site.example',
      MAIL_URL: 'smtps://mail.example',
      MAIL_FROM: 'The Site <no-reply@site.example>',
    },
    ...{ KEY_ENCRYPTION_SECRET: 'a secret of the tests, long enough' },
  };
  const set = { ...site, ...mail, NODE_ENV: 'development', EDGE_PAGES: 'off' };
  const agreed = { SITE_NAME: 'The Site', REFRESH_TOKEN_DAYS: 3 };
  expect(settingsIn('users', usersSettings, set)).toMatchObject({ ...mail, ...agreed, NODE_ENV: 'development' });
  expect(settingsIn('gateway', edgeSettings, set)).toMatchObject({ ...agreed, EDGE_PAGES: false });
  expect(settingsIn('gateway', gatewaySettings, set)).toMatchObject({ isProduction: false });
  // No other container is told where mails go, or what the keys are under.
  for (const [name, { environment = {} }] of Object.entries(composeFile(set).services)) {
    if (name !== 'users')
      expect(Object.keys(environment)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(MAIL|KEY)_/)]));
  }
});

test('every subgraph has a container, and the gateway knows where', () => {
  for (const name of subgraphs) {
    const port = service(name).environment?.['PORT'];
    expect(service(name).command).toEqual(['node', 'subgraphs/start.ts', name]);
    expect(service('gateway').environment?.[`SUBGRAPH_${name.toUpperCase()}_URL`]).toBe(
      `http://${name}:${port}/graphql`,
    );
    expect(service('gateway').depends_on?.[name]).toEqual({ condition: 'service_healthy' });
  }
  expect(new Set(subgraphs.map((name) => service(name).environment?.['PORT'])).size).toBe(subgraphs.length);
});

test.each(ours)('%s runs files that exist, and the image holds them', (_name, { command = [] }) => {
  const files = command.filter((word) => /\.(ts|graphql)$/.test(word));
  expect(files.length).toBeGreaterThan(0);
  const copied = read('Dockerfile').match(/(?<=^COPY ).*(?= \S+$)/gm) ?? [];
  for (const path of files) {
    expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    expect([path, copied.some((source) => path === source || path.startsWith(`${source}/`))]).toEqual([path, true]);
  }
});

/** Sources that can read a container's settings. */
const sourcesOf = (name: string) =>
  globSync(
    [
      'kit/**/*.ts',
      name === 'gateway' ? '{gateway.config.ts,{gateway,edge}/**/*.ts}' : `subgraphs/{start.ts,${name}/**/*.ts}`,
    ],
    {
      cwd: root,
    },
  ).filter((path) => !path.endsWith('.test.ts'));

/** Names that the product puts together from a subgraph's: `USERS_DATABASE_URL`, `SUBGRAPH_USERS_URL`. */
const isBuilt = (name: string, variable: string) =>
  variable === `${name.toUpperCase()}_DATABASE_URL` ||
  (name === 'gateway' && subgraphs.some((one) => variable === `SUBGRAPH_${one.toUpperCase()}_URL`));

test.each(ours)('%s is given only settings that its sources know', (name, { environment = {} }) => {
  const sources = sourcesOf(name).map(read).join('\n');
  const unknown = Object.keys(environment).filter(
    (variable) => !isBuilt(name, variable) && !new RegExp(`\\b${variable}\\b`).test(sources),
  );
  expect(unknown).toEqual([]);
});

test.each(Object.entries(file.services))(
  '%s waits for what has a health check, on a network they share',
  (_name, one) => {
    for (const other of Object.keys(one.depends_on ?? {})) {
      expect(service(other).healthcheck).toBeDefined();
      expect(one.networks?.some((network) => service(other).networks?.includes(network))).toBe(true);
    }
    for (const network of one.networks ?? []) expect(file.networks).toHaveProperty(network);
  },
);

test('only the gateway is reachable from outside, and stores have no way out', () => {
  const published = Object.entries(file.services).filter(([, { ports }]) => ports !== undefined);
  expect(published.map(([name, { ports }]) => [name, ports])).toEqual([['gateway', ['127.0.0.1:4000:4000']]]);
  expect(file.networks?.['inside']).toEqual({ internal: true });
  for (const [name, { networks }] of Object.entries(file.services)) {
    if (name !== 'gateway')
      expect([name, networks]).toEqual([name, name === 'users' ? ['inside', 'outgoing'] : ['inside']]);
  }
});

test('each subgraph has a database, a login and a password of its own', () => {
  const script = read('deploy/compose/init-databases.sh');
  for (const name of subgraphs) {
    const upper = name.toUpperCase();
    const url = new URL(String(service(name).environment?.[`${upper}_DATABASE_URL`]));
    expect([url.username, url.hostname, url.pathname]).toEqual([name, 'postgres', `/${name}`]);
    expect(url.password).toBe(service('postgres').environment?.[`${upper}_DATABASE_PASSWORD`]);
    expect(script).toContain(`make_database ${name} "$${upper}_DATABASE_PASSWORD"`);
  }
});

test('what is mounted from here exists, and every named volume is declared', () => {
  const sources = Object.values(file.services).flatMap(({ volumes }) =>
    (volumes ?? []).map((volume) => volume.split(':')[0]),
  );
  expect(sources.length).toBeGreaterThan(0);
  for (const source of sources) {
    if (source?.startsWith('./')) expect([source, existsSync(join(root, source))]).toEqual([source, true]);
    else expect(file.volumes).toHaveProperty(source ?? '');
  }
});

test.each([
  [200, 0],
  [503, 1],
])('the health check of our containers turns %i into exit code %i', async (status, code) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/health/ready' ? status : 404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [, , ...command] = service('users').healthcheck?.test ?? [];
  const { port } = server.address() as AddressInfo;
  const check = spawn(process.execPath, command, { env: { PORT: String(port) } });
  expect(await once(check, 'exit')).toEqual([code, null]);
  server.close();
});
