import { readFileSync } from 'node:fs';
import { buildSchema, getNamedType, isInputObjectType } from 'graphql';
import { SENSITIVE_FIELDS } from './fields.ts';

const sdl = readFileSync(new URL('../schema/supergraph.graphql', import.meta.url), 'utf8');
const mutations = Object.values(buildSchema(sdl, { assumeValid: true }).getMutationType()?.getFields() ?? {});
/** What stands in an input that proves something, or that makes somebody be mailed. */
const TELLING = /password|secret|token|code|captcha|challenge|email|identifier/i;
/** Inputs that have such a name and prove nothing. */
const HARMLESS: readonly string[] = ['suppressMailAddress', 'releaseMailAddress'];

test('every mutation that takes a password, a code, a token or an address may be used once in an operation', () => {
  const telling = mutations
    .filter(({ astNode }) => !astNode?.directives?.some(({ name }) => name.value === 'inaccessible'))
    .filter(({ args }) =>
      args.some(({ type }) => {
        const input = getNamedType(type);
        return isInputObjectType(input) && Object.keys(input.getFields()).some((name) => TELLING.test(name));
      }),
    )
    .map(({ name }) => name);
  expect(telling).toEqual(expect.arrayContaining(['login', 'completeLogin', 'register', 'refreshSession']));
  const free = telling.filter((name) => !SENSITIVE_FIELDS.includes(`Mutation.${name}`) && !HARMLESS.includes(name));
  expect(free).toEqual([]);
});
