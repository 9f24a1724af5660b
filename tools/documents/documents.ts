/** `npm run documents -- [--out FILE] [--schema FILE] [--typenames] PATHS…` lists the operations of clients for the gateway's safelist. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildSchema } from 'graphql';
import { piecesIn } from './files.ts';
import { manifestOf } from './manifest.ts';
import { DocumentProblem } from './problem.ts';

const USAGE = `usage: npm run documents -- [--out FILE] [--schema FILE] [--typenames] PATHS…

Collects the operations in .graphql files and in code (gql and graphql tags, /* GraphQL */ strings), with their
fragments, into a manifest that SAFELIST_MANIFEST may name.
  --out FILE      where to write it; persisted-query-manifest.json by default
  --schema FILE   check the operations against this schema
  --typenames     ask for __typename in every object, as Apollo Client does`;

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string', default: 'persisted-query-manifest.json' },
      schema: { type: 'string' },
      typenames: { type: 'boolean', default: false },
    },
  });
  if (positionals.length === 0) throw new DocumentProblem([USAGE]);
  const schema = values.schema === undefined ? undefined : buildSchema(readFileSync(values.schema, 'utf8'));
  const pieces = piecesIn(positionals, process.cwd());
  const manifest = manifestOf(pieces, { withTypenames: values.typenames, schema });
  if (manifest.operations.length === 0)
    warn(`no operations found in ${positionals.join(', ')}: a safelist of them lets nothing through`);
  writeFileSync(values.out, `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(`documents: ${manifest.operations.length} operations in ${values.out}`);
}

/** Nothing may be what was meant, as in a client that has none yet; a wrong path looks just the same. */
const warn = (message: string): void => console.error(`documents: warning: ${message}`);

try {
  main();
} catch (error) {
  if (!(error instanceof DocumentProblem)) throw error;
  for (const problem of error.problems) console.error(problem);
  process.exitCode = 1;
}
