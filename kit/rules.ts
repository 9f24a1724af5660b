import { createRequire } from 'node:module';
import util from 'node:util';
import type * as Middleware from 'graphql-middleware';
import type * as Shield from 'graphql-shield';
import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import type { Context } from './context.ts';
import { CodedError } from './errors.ts';
import { guardRoots } from './scopes.ts';

// graphql-shield's ESM build asks node:util for isUndefined, gone since Node 23: its CJS build, and what it misses.
(util as { isUndefined?: (value: unknown) => boolean }).isUndefined ??= (value) => value === undefined;
const require = createRequire(import.meta.url);
const { shield, rule: shieldRule } = require('graphql-shield') as typeof Shield;
const { applyMiddleware } = require('graphql-middleware') as typeof Middleware;

/** Who may ask for a field. `allows` says it in the words of the role × field matrix; `check` does it. */
export interface Rule {
  readonly name: string;
  /** Roles the check lets through: what the matrix test expects of the running graph. */
  readonly allows: readonly string[];
  readonly check: (ctx: Context, parent: never, args: never) => boolean | Promise<boolean>;
  /** Of a mutation: also for people who have not confirmed their address; `anyone` is for them as well. */
  readonly admitsUnverified?: boolean;
}

export function defineRule<Parent = unknown, Args = unknown>(
  name: string,
  allows: readonly string[],
  check: (ctx: Context, parent: Parent, args: Args) => boolean | Promise<boolean>,
): Rule {
  return { name, allows, check: check };
}

const EVERYONE = ['anonymous', 'stranger', 'owner', 'member', 'moderator', 'siteModerator', 'admin'] as const;

export const anyone = defineRule('anyone', EVERYONE, () => true);
export const signedIn = defineRule('signed in', EVERYONE.slice(1), (ctx) => ctx.viewer.kind === 'user');
/** For what people do to their own account: signing out, confirming their address, leaving. */
export const signedInUnverified: Rule = { ...signedIn, name: 'signed in, confirmed or not', admitsUnverified: true };
export const admins = defineRule('administrators', ['admin'], (ctx) => ctx.viewer.role === 'admin');
/** Asked by the gateway on nobody's behalf: session checks, published keys. */
export const gatewayOnly = defineRule('the gateway', [], (ctx) => ctx.viewer.kind === 'gateway');

/**
 * Rules by type and field. Every field of Query, Mutation and Subscription has one. A field of another type has one
 * where not everyone who may see the object may see the field; to the rest it is null.
 */
export type Rules = Readonly<Record<string, Readonly<Record<string, Rule>>>>;
export const defineRules = <const Declared extends Rules>(rules: Declared): Declared => rules;

const ROOTS = ['Query', 'Mutation', 'Subscription'] as const;
/** Federation's own doors: entities are guarded by privacy in reads, the SDL is public to a signed gateway. */
const FEDERATION = new Set(['_entities', '_service']);

/** Throws where a root field has no rule, or a rule names no field: the start stops there. */
export function checkRules(schema: GraphQLSchema, rules: Rules): void {
  const wrong: string[] = [];
  for (const root of ROOTS) {
    const type = schema.getType(root);
    if (!isObjectType(type)) continue;
    for (const field of Object.keys(type.getFields())) {
      if (!FEDERATION.has(field) && !rules[root]?.[field]) wrong.push(`${root}.${field} has no rule`);
    }
  }
  for (const [typeName, fields] of Object.entries(rules)) {
    const type = schema.getType(typeName);
    for (const field of Object.keys(fields)) {
      if (!isObjectType(type) || !type.getFields()[field])
        wrong.push(`a rule names ${typeName}.${field}, which does not exist`);
    }
  }
  if (wrong.length > 0) throw new Error(`rules and schema differ:\n  ${wrong.join('\n  ')}`);
}

function refusal(ctx: Context): CodedError {
  return ctx.viewer.kind === 'anonymous'
    ? new CodedError('UNAUTHENTICATED', 'Sign in first.')
    : new CodedError('FORBIDDEN', 'You may not do that.');
}

/** Throws UNAUTHENTICATED or FORBIDDEN unless the rule lets the viewer through. */
export async function enforce(rule: Rule | undefined, ctx: Context, args: unknown): Promise<void> {
  if (!rule || !(await rule.check(ctx, undefined as never, args as never))) throw refusal(ctx);
}

/** The schema with its rules enforced: shield at the roots, deny by default; null in place of fields the viewer may not see. */
export function protect(schema: GraphQLSchema, rules: Rules): GraphQLSchema {
  checkRules(schema, rules);
  const tree: Record<string, Record<string, unknown>> = {};
  for (const root of ['Query', 'Mutation'] as const) {
    const type = schema.getType(root);
    if (!isObjectType(type)) continue;
    const fields = Object.keys(type.getFields()).filter(
      (field) => rules[root]?.[field] && rules[root][field] !== anyone,
    );
    if (fields.length > 0)
      tree[root] = Object.fromEntries(fields.map((field) => [field, shieldRuleOf(root, rules[root]?.[field])]));
  }
  const guarded = applyMiddleware(schema, shield(tree as never, { allowExternalErrors: true, debug: false }));
  unwrapUnruled(schema, guarded, tree);
  hideFields(guarded, rules);
  guardRoots(guarded);
  return guarded;
}

function shieldRuleOf(root: 'Query' | 'Mutation', rule: Rule | undefined): unknown {
  return shieldRule({ cache: 'no_cache' })(async (_parent: unknown, args: unknown, ctx: Context) => {
    if (!rule || !(await rule.check(ctx, undefined as never, args as never))) return refusal(ctx);
    const isHeldBack = root === 'Mutation' && ctx.viewer.isUnverified === true && rule.admitsUnverified !== true;
    return isHeldBack ? new CodedError('EMAIL_UNVERIFIED', 'Confirm your address first: see the mail.') : true;
  });
}

/** shield wraps every field of every type in an async function (measured: twice the cost of a wide list); only ruled ones keep it. */
function unwrapUnruled(
  plain: GraphQLSchema,
  guarded: GraphQLSchema,
  tree: Record<string, Record<string, unknown>>,
): void {
  for (const type of Object.values(guarded.getTypeMap())) {
    const original = plain.getType(type.name);
    if (!isObjectType(type) || !isObjectType(original) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (tree[type.name]?.[field.name]) continue;
      const { resolve, subscribe } = original.getFields()[field.name] ?? {};
      if (resolve) field.resolve = resolve;
      else delete field.resolve;
      if (subscribe) field.subscribe = subscribe;
    }
  }
}

function hideFields(schema: GraphQLSchema, rules: Rules): void {
  for (const [typeName, fields] of Object.entries(rules)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type) || (ROOTS as readonly string[]).includes(typeName)) continue;
    for (const [name, rule] of Object.entries(fields)) {
      const field = type.getFields()[name];
      if (!field || rule === anyone) continue;
      const resolve: GraphQLFieldResolver<unknown, Context> = field.resolve ?? defaultFieldResolver;
      field.resolve = (parent, args, ctx: Context, info) => {
        const answer = (isAllowed: boolean): unknown => (isAllowed ? resolve(parent, args, ctx, info) : null);
        const isAllowed = rule.check(ctx, parent as never, args as never);
        // A list asks this of each of its items: most rules need no promise to answer.
        return typeof isAllowed === 'boolean' ? answer(isAllowed) : isAllowed.then(answer);
      };
    }
  }
}
