import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { check } from './check.ts';
import { queries } from './queries.ts';
import type { Stage } from './setups.ts';
import { createIssuer, createTokenCheck } from './token.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { pid: 0, url, stop: () => Promise.resolve() };
}

/** Two gateways that answer these texts to whoever has a good token, each with one request to a subgraph. */
async function aStage(texts: { ours: string; stock: string }, isChecking = true): Promise<Stage> {
  const issuer = await createIssuer();
  const checkToken = createTokenCheck(issuer.keys);
  let asked = 0;
  const gatewayOf = (name: 'ours' | 'stock'): RequestListener => {
    return (request, response) => {
      asked++;
      void checkToken(request.headers.authorization ?? null).then(
        () => response.end(texts[name]),
        () => response.end(isChecking ? '{"errors":[{"extensions":{"code":"UNAUTHENTICATED"}}]}' : texts[name]),
      );
    };
  };
  const start = async (name: 'ours' | 'stock') => ({ name, child: await serve(gatewayOf(name)) });
  const gateways = [await start('ours'), await start('stock')];
  const subgraphs = await serve((_, response) => response.end(JSON.stringify({ asked, computed: 1 })));
  return { gateways, subgraphs, isEmbeddedRedis: true, issuer };
}

const checkA = async (stage: Stage) => check('a', queries.a, stage);
const GOOD = '{"data":{"product":{"name":"x","id":"1"}}}';

test('gateways that agree are told apart by their texts and counted', async () => {
  const asked = await checkA(await aStage({ ours: GOOD, stock: `${GOOD}\n` }));
  expect(asked.ours).toMatchObject({ expected: GOOD, fetches: 1 });
  expect(asked.stock).toMatchObject({ expected: `${GOOD}\n`, fetches: 1 });
});

test('another value, another order of fields, and an error are no agreement', async () => {
  const other = '{"data":{"product":{"name":"y","id":"1"}}}';
  await expect(checkA(await aStage({ ours: GOOD, stock: other }))).rejects.toThrow('answer differently');
  const turned = '{"data":{"product":{"id":"1","name":"x"}}}';
  await expect(checkA(await aStage({ ours: turned, stock: GOOD }))).rejects.toThrow('order of fields');
  const failed = '{"data":null,"errors":[{"message":"m"}]}';
  await expect(checkA(await aStage({ ours: failed, stock: GOOD }))).rejects.toThrow('ours answers with errors');
});

test('a gateway that looks at no token is not measured', async () => {
  await expect(checkA(await aStage({ ours: GOOD, stock: GOOD }, false))).rejects.toThrow('ours takes a forged token');
});
