/** `npm run new -- feature <subgraph> <noun>` writes the files of a feature, the smallest that passes every check. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFeature } from './feature.ts';

const USAGE =
  'usage: npm run new -- feature <subgraph> <noun>, such as: npm run new -- feature engagement reading-list';

const { positionals } = parseArgs({ allowPositionals: true });
const [what, subgraph, noun, ...rest] = positionals;
if (what !== 'feature' || subgraph === undefined || noun === undefined || rest.length > 0) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  try {
    const written = await createFeature(join(import.meta.dirname, '../..'), subgraph, noun);
    for (const path of written) console.log(`wrote ${path}`);
    console.log(`next: npm run schema && npm test -- subgraphs/${subgraph}/${noun}`);
  } catch (error) {
    console.error(`new: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
