import { getArgumentValues, type GraphQLField } from 'graphql';
import type { Viewer } from 'kit/viewer';
import { refusal } from '../errors.ts';
import { appliedTo, argumentOf, nameInSupergraph, text } from '../graph/composed.ts';
import type { Ready } from '../answer.ts';
import { primaryOf } from './primary.ts';

/** Root fields of subscriptions and the topics of their events: `{ "priceChanged": "price:{id}" }`. */
export type Topics = Readonly<Record<string, string>>;

const PLACE = /\{([^{}]*)\}/g;

/**
 * The topic of a subscription's events, where the configuration names it, or `@liveTopic(topic: "price:{id}")` on its root
 * field in the supergraph; null where neither does. In braces stands an argument (or a field of one, by dots), or
 * `viewer.userId`; what it puts in is written as in a URL, so that nobody can reach into another topic. Throws BAD_USER_INPUT
 * where an argument is not there, UNAUTHENTICATED where a viewer's own topic is asked for by nobody.
 */
export function topicOf({ operation, variables }: Ready, topics: Topics, viewer: Viewer): string | null {
  const { field: node } = primaryOf(operation);
  const name = node.name.value;
  const field = operation.graph.supergraphSchema.getSubscriptionType()?.getFields()[name];
  const template = topics[name] ?? templateOf(operation.graph.supergraphSchema, field);
  if (template === null || !field) return null;
  const given = getArgumentValues(field, node, variables.values);
  return template.replaceAll(PLACE, (_whole, path: string) => {
    const value = path === 'viewer.userId' ? viewer.userId : valueAt(given, path);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      if (String(value).isWellFormed()) return encodeURIComponent(value);
      throw refusal('BAD_USER_INPUT', `The subscription's argument "${path}" is no text: half a character is in it.`);
    }
    if (path === 'viewer.userId') throw refusal('UNAUTHENTICATED', 'Sign in to follow this.');
    throw refusal('BAD_USER_INPUT', `The subscription's argument "${path}" is needed.`);
  });
}

function templateOf(
  schema: Ready['operation']['graph']['supergraphSchema'],
  field: GraphQLField<unknown, unknown> | undefined,
): string | null {
  const [directive] = appliedTo(field, nameInSupergraph(schema, 'liveTopic'));
  return (directive && text(argumentOf(directive, 'topic'))) ?? null;
}

function valueAt(value: unknown, path: string): unknown {
  let at = value;
  for (const part of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}
