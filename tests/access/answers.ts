import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import type { Answer } from './doors.ts';
import type { Instance } from './people.ts';

/** The graph as clients see it: without what is @inaccessible. */
export const apiSchema = buildSchema(readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8'));

/** Answers by what was asked (`gateway Query.post`, `content Post by nodeId`), holder and kind of object. */
export type Answers = Map<string, Answer>;
export const cell = (source: string, holder: string, instance: Instance): string =>
  `${source} | ${holder} | ${instance}`;

export const gatewaySource = (root: string, field: string): string => `gateway ${root}.${field}`;
export const subgraphSource = (subgraph: string, root: string, field: string): string => `${subgraph} ${root}.${field}`;
export const entitySource = (subgraph: string, type: string, key: string): string => `${subgraph} ${type} by ${key}`;
/** Of one field that was asked by itself. */
export const aloneSource = (source: string, entry: string): string => `${source} for ${entry}`;
