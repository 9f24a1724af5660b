import { compareCorpus } from './testing/comparison.ts';

compareCorpus(120);
