import { startSubgraph } from 'kit/running';
import { systemViewer } from 'kit/viewer';
import { environment, readDatabaseUrl } from './config.ts';
import { rebuildIndex } from './search/search/search.actions.ts';
import { search } from './search/subgraph.ts';

/** `npm run rebuild-index`: makes the search index anew from what the subgraph knows; searches go on meanwhile. */
const running = await startSubgraph(search, { databaseUrl: readDatabaseUrl(search.name), environment });
await rebuildIndex(running.contextFor(systemViewer)).finally(running.stop);
process.stdout.write('the search index has been rebuilt\n');
process.exit(0);
