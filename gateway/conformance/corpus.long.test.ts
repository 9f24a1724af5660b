import { compareCorpus } from './testing/comparison.ts';

compareCorpus(10_000);
