/** `subgraphs.ts PORT PORT PORT PORT`: the four subgraphs, each on its own port, in one process. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type Answers, createAnswers } from './answers.ts';
import { schemaOf } from './data.ts';
import type { Counts } from './counts.ts';
import { subgraphNames } from './graph.ts';

function respond(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

function post(request: IncomingMessage, response: ServerResponse, answers: Answers): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('latin1');
    const known = answers.known(body);
    if (known) return respond(response, known);
    answers.compute(body).then(
      (answer) => respond(response, answer),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
}

let asked = 0;

/** POST asks, GET anywhere tells what all of them have done so far. */
const listener =
  (answers: Answers, all: readonly Answers[]): RequestListener =>
  (request, response) => {
    if (request.method === 'POST') {
      asked++;
      return post(request, response, answers);
    }
    const counts: Counts = { asked, computed: all.reduce((sum, one) => sum + one.computed(), 0) };
    respond(response, Buffer.from(JSON.stringify(counts)));
  };

const ports = process.argv.slice(2).map(Number);
const all = subgraphNames.map((name) => createAnswers(schemaOf(name)));
for (const [index, answers] of all.entries()) {
  const server = createServer({ keepAliveTimeout: 65_000 }, listener(answers, all));
  server.listen(ports[index], '127.0.0.1');
  await once(server, 'listening');
}
process.once('SIGTERM', () => process.exit(0));
process.stdout.write(`ready http://127.0.0.1:${ports[0]}/\n`);
