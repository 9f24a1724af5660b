import { GraphQLError, Kind, type ASTVisitor, type DirectiveNode, type ValidationContext } from 'graphql';
import { isDefer } from './deferred-document.ts';

type Rule = (context: ValidationContext) => ASTVisitor;

/** Labels tell fragments apart: each is a text of its own, known before anything runs. */
const uniqueLabels: Rule = (context) => {
  const known = new Map<string, DirectiveNode>();
  return {
    Directive: (directive) => {
      if (!isDefer(directive)) return;
      const label = directive.arguments?.find(({ name }) => name.value === 'label')?.value;
      if (!label || label.kind === Kind.NULL) return;
      if (label.kind !== Kind.STRING) {
        const message = 'The label of a @defer is written out: it cannot be a variable.';
        return context.reportError(new GraphQLError(message, { nodes: directive }));
      }
      const other = known.get(label.value);
      if (!other) return void known.set(label.value, directive);
      const message = `The label "${label.value}" stands at two @defer: give each its own.`;
      context.reportError(new GraphQLError(message, { nodes: [other, directive] }));
    },
  };
};

/** Root fields of a mutation run in their order, and a subscription has one: neither waits. */
const notAtRoot: Rule = (context) => ({
  Directive: (directive) => {
    if (!isDefer(directive)) return;
    const schema = context.getSchema();
    const parent = context.getParentType();
    for (const type of [schema.getMutationType(), schema.getSubscriptionType()]) {
      if (!type || parent !== type) continue;
      const message = `@defer cannot stand on fields of the root type ${type.name}.`;
      context.reportError(new GraphQLError(message, { nodes: directive }));
    }
  },
});

/** What the specification asks of @defer beside the form of its arguments. */
export const deferRules: readonly Rule[] = [uniqueLabels, notAtRoot];
