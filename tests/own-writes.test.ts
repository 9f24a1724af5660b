import { commentsAtOnce } from './own-writes.testing.ts';
import { modes } from './setup/graph.ts';

describe.each(modes)('%s', (mode) => commentsAtOnce(mode, 200));
