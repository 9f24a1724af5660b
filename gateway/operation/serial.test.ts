import type { FetchNode } from '@apollo/query-planner';
import { OperationTypeNode } from 'graphql';
import { mergeInRow } from './serial.ts';

const fetchOf = (operation: string, further: Partial<FetchNode> = {}): FetchNode => ({
  kind: 'Fetch',
  serviceName: 'ledger',
  operationKind: OperationTypeNode.MUTATION,
  operation,
  operationName: undefined,
  ...further,
});
const operationsOf = (...fetches: readonly FetchNode[]): unknown[] =>
  mergeInRow(fetches).map((plan) => plan?.kind === 'Fetch' && plan.operation);

test('fetches of one subgraph in a row are one, with the variables of both', () => {
  const [merged] = mergeInRow([
    fetchOf('mutation($a:Int$b:Int){one(a:$a b:$b)}', { variableUsages: ['a', 'b'] }),
    fetchOf('mutation($b:Int$c:Int){two(b:$b c:$c)}', { variableUsages: ['b', 'c'] }),
  ]);
  expect(merged).toMatchObject({
    operation: 'mutation($a:Int$b:Int$c:Int){one(a:$a b:$b)two(b:$b c:$c)}',
    variableUsages: ['a', 'b', 'c'],
  });
});

test('each keeps its own fragments, whatever they are called', () => {
  expect(
    operationsOf(
      fetchOf('mutation{one{...F ...G}}fragment F on T{a}fragment G on T{...F b}'),
      fetchOf('mutation{two{...F ...F_}}fragment F on T{c}fragment F_ on T{...F}'),
      fetchOf('mutation{three{...F}}fragment F on T{d}'),
    ),
  ).toEqual([
    'mutation{one{...F ...G}two{...F__ ...F_}three{...F___}}fragment F on T{a}fragment G on T{...F b}fragment F__ on T{c}fragment F_ on T{...F__}fragment F___ on T{d}',
  ]);
});

test('those of other subgraphs, and what is no mutation, stay between them', () => {
  const [one, two] = [fetchOf('mutation{one}'), fetchOf('mutation{two}')];
  const other = fetchOf('mutation{other}', { serviceName: 'audit' });
  const query = fetchOf('{one}', { operationKind: OperationTypeNode.QUERY });
  expect(operationsOf(one, other, two)).toEqual(['mutation{one}', 'mutation{other}', 'mutation{two}']);
  expect(operationsOf(query, query)).toEqual(['{one}', '{one}']);
  expect(mergeInRow([undefined, one])).toEqual([undefined, one]);
});
