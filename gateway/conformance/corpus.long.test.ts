import { compareCorpus } from './testing/comparison.ts';

compareCorpus(3_400);
