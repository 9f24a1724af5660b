import { subgraphs } from 'subgraphs/start';
import { type AccessMatrix, accessMatrix } from './access.ts';
import { declarationProblems } from './declared.ts';

const real = accessMatrix(subgraphs);
const ofRule = (rule: string, scopes: readonly string[] = []) => ({ subgraphs: ['users'], rule, allows: [], scopes });
const problemsWith = (entries: AccessMatrix) => declarationProblems({ ...real, ...entries });

test('every field of the graph is declared', () => {
  expect(declarationProblems(real)).toEqual([]);
});

test('a field without a rule, and a root field without scopes, are told', () => {
  const bare = ofRule('everyone who may see the object');
  expect(problemsWith({ 'User.phone': bare })).toEqual([expect.stringContaining('User.phone has no rule')]);
  expect(problemsWith({ 'User.phone': ofRule('administrators') })).toEqual([]);
  expect(problemsWith({ 'FollowUserPayload.phone': bare })).toEqual([]);
  expect(problemsWith({ 'Query.phones': ofRule('anyone') })).toEqual([
    expect.stringContaining('Query.phones says no scopes'),
  ]);
  expect(problemsWith({ 'Query.phones': ofRule('anyone', ['users:read']) })).toEqual([]);
  expect(problemsWith({ 'Query.phones': ofRule('the gateway') })).toEqual([]);
});

test('what takes scopes is not only for sessions, and what is no more is not listed', () => {
  expect(problemsWith({ 'Query.sessions': ofRule('signed in', ['users:read']) })).toEqual([
    expect.stringContaining('Query.sessions takes scopes'),
  ]);
  const { 'User.bio': _, ...rest } = real;
  expect(declarationProblems(rest)).toEqual(['declared.ts lists User.bio, which does not exist.']);
});
