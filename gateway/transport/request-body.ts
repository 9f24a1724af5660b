import type { SubgraphRequest } from 'kit/request';
import { LRUCache } from 'lru-cache';

/** Texts of queries as JSON strings. Those of a plan are asked again and again, and are the larger part of a body. */
const escaped = new LRUCache<string, string>({
  max: 4000,
  maxSize: 32_000_000,
  sizeCalculation: (text) => text.length,
});

/** The JSON body of a request. Nothing but what GraphQL over HTTP and our own live requests know is in it. */
export function bodyOf({ query, operationName, variables, live }: SubgraphRequest): string {
  let text = escaped.get(query);
  if (text === undefined) escaped.set(query, (text = JSON.stringify(query)));
  let body = `{"query":${text}`;
  if (operationName) body += `,"operationName":${JSON.stringify(operationName)}`;
  if (variables) body += `,"variables":${JSON.stringify(variables)}`;
  if (live) body += `,"live":${JSON.stringify(live)}`;
  return `${body}}`;
}
