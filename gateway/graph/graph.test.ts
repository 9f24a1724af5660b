import { readFileSync } from 'node:fs';
import { printSchema } from 'graphql';
import { loadGraph, loadGraphBetweenRequests } from './graph.ts';

const sdl = readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8');

test('a graph that is loaded between requests is the same, and lets them pass', async () => {
  let turns = 0;
  let isLoading = true;
  const turn = (): void => {
    turns++;
    if (isLoading) setImmediate(turn);
  };
  setImmediate(turn);
  const graph = await loadGraphBetweenRequests(sdl);
  isLoading = false;
  const whole = loadGraph(sdl);
  expect(turns).toBeGreaterThanOrEqual(6);
  expect(printSchema(graph.schema)).toBe(printSchema(whole.schema));
  expect([graph.id, graph.subgraphs, graph.requiredNames]).toEqual([whole.id, whole.subgraphs, whole.requiredNames]);
});

test('what is no supergraph is refused either way', async () => {
  expect(() => loadGraph('type Query { a: Int }')).toThrow();
  await expect(loadGraphBetweenRequests('type Query { a: Int }')).rejects.toThrow();
});
