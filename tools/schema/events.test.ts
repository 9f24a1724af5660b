import type { JsonSchema } from './definition.ts';
import { eventCatalog, eventProblems } from './events.ts';
import { anObject, aSource } from './testing.ts';

const text: JsonSchema = { type: 'string' };
const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });

const producing = (payload: JsonSchema, name = 'content') =>
  aSource(name, '', { produces: [{ type: 'post.saved', version: 1, aggregate: 'postId', payload }] });
const consuming = (payload: JsonSchema, version = 1, name = 'search') =>
  aSource(name, '', { consumes: [{ type: 'post.saved', version, payload }] });

const problemsBetween = (sent: JsonSchema, wanted: JsonSchema) => eventProblems([producing(sent), consuming(wanted)]);

test('a consumer that asks for less than is sent is content', () => {
  expect(problemsBetween(anObject({ postId: text, title: text }), anObject({ postId: text }))).toEqual([]);
});

test('a property that is not sent names both sides', () => {
  expect(problemsBetween(anObject({ postId: text }), anObject({ postId: text, slug: text }))).toEqual([
    'search consumes post.saved v1 of content: payload.slug is required, but is not sent.',
  ]);
});

test('a property that is optional at the producer cannot be relied on', () => {
  const sent = anObject({ postId: text, title: text }, ['postId']);
  expect(problemsBetween(sent, anObject({ title: text }))).toEqual([expect.stringContaining('is optional there')]);
  expect(problemsBetween(sent, anObject({ title: text }, []))).toEqual([]);
});

test.each([
  ['number for text', { type: 'number' }, text, 1],
  ['null for text', nullable(text), text, 1],
  ['text for text or null', text, nullable(text), 0],
  ['an integer for a number', { type: 'integer' }, { type: 'number' }, 0],
  ['a number for an integer', { type: 'number' }, { type: 'integer' }, 1],
  ['one of some texts for text', { enum: ['a', 'b'] }, text, 0],
  ['anything where nothing is said', text, {}, 0],
  ['lists of another thing', { type: 'array', items: text }, { type: 'array', items: { type: 'number' } }, 1],
  ['lists of the same', { type: 'array', items: text }, { type: 'array', items: text }, 0],
  ['an object that lacks a part', nullable(anObject({ a: text })), nullable(anObject({ a: text, b: text })), 1],
])('%s', (_what, sent, wanted, problems) => {
  expect(problemsBetween(anObject({ value: sent }), anObject({ value: wanted }))).toHaveLength(problems);
});

test('an event or a version that nobody produces is named with its consumer', () => {
  expect(eventProblems([producing(anObject({})), consuming(anObject({}), 2)])).toEqual([
    'search consumes post.saved v2, which no subgraph produces.',
  ]);
});

test('an event has one producer', () => {
  expect(eventProblems([producing(anObject({})), producing(anObject({}), 'users')])).toEqual([
    'users and content both produce post.saved v1; an event has one owner.',
  ]);
});

test('the catalog does not depend on the order of subgraphs', () => {
  const sources = [
    consuming(anObject({}), 1, 'search'),
    aSource('users', '', {
      produces: [{ type: 'user.saved', version: 2, aggregate: 'userId', payload: anObject({}) }],
    }),
    consuming(anObject({}), 1, 'engagement'),
    producing(anObject({ postId: text })),
  ];
  const catalog = eventCatalog(sources);
  expect(catalog).toEqual(eventCatalog(sources.toReversed()));
  expect(catalog.events.map(({ type, producer, consumers }) => [type, producer, consumers])).toEqual([
    ['post.saved', 'content', ['engagement', 'search']],
    ['user.saved', 'users', []],
  ]);
});
