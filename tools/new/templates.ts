import type { FeaturePlan, Noun } from './noun.ts';
import { graphqlTemplate, migrationTemplate, testTemplate } from './templates-edge.ts';

/** The files of a feature by path inside the subgraph: something a person makes that only they see, in a list by age. */
export function templates(plan: FeaturePlan): ReadonlyMap<string, string> {
  const { noun, migration } = plan;
  const file = (kind: string) => `${noun.kebab}/${noun.kebab}.${kind}`;
  return new Map([
    [`${noun.kebab}/index.ts`, indexTemplate(plan)],
    [file('graphql'), graphqlTemplate(plan)],
    [file('entity.ts'), entityTemplate(noun)],
    [file('loaders.ts'), loadersTemplate(noun)],
    [file('queries.ts'), queriesTemplate(noun)],
    [file('actions.ts'), actionsTemplate(noun)],
    [file('rules.ts'), rulesTemplate(noun)],
    [file('resolvers.ts'), resolversTemplate(noun)],
    [file('events.ts'), eventsTemplate(noun)],
    [file('test.ts'), testTemplate(plan)],
    [`migrations/${migration.name}.ts`, migrationTemplate(plan)],
  ]);
}

const indexTemplate = ({ noun: { kebab, camel }, migration: { name, className } }: FeaturePlan) => `
import { defineFeature } from 'kit/feature';
import { graphqlFile } from 'kit/subgraph';
import { ${className} } from '../migrations/${name}.ts';
import { ${camel}Schema } from './${kebab}.entity.ts';
import { ${camel}Created } from './${kebab}.events.ts';
import { resolvers } from './${kebab}.resolvers.ts';
import { rules } from './${kebab}.rules.ts';

export const ${camel} = defineFeature({
  name: '${kebab}',
  typeDefs: graphqlFile(import.meta.url, '${kebab}.graphql'),
  entities: [${camel}Schema],
  migrations: [{ name: '${name}', class: ${className} }],
  resolvers,
  rules,
  emits: [${camel}Created],
});
`;

const entityTemplate = ({ camel, pascal, snake }: Noun) => `
import { defineEntity, p } from '@mikro-orm/core';
import { TypeId } from 'kit/database';

const schema = defineEntity({
  name: '${pascal}',
  tableName: '${snake}',
  properties: {
    id: p.type(new TypeId('${snake}')).$type<string>().primary(),
    /** Owned by users: an id, never a relation. */
    ownerId: p.type(new TypeId('user')).$type<string>(),
    title: p.text(),
    createdAt: p.datetime(),
  },
});

export class ${pascal} extends schema.class {}
schema.setClass(${pascal});
export const ${camel}Schema = schema;
`;

const loadersTemplate = ({ camel, pascal, snake, wordsPlural }: Noun) => `
import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { type Id, rowMapper, toUuid, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';

export interface ${pascal}Row {
  id: Id;
  ownerId: Id;
  title: string;
  createdAt: Date;
}

export const to${pascal} = rowMapper<${pascal}Row>({ id: '${snake}', ownerId: 'user' });

export const ${camel}Columns = sql\`t.id, t.owner_id as "ownerId", t.title, t.created_at as "createdAt"\`;

/** Only the viewer's own ${wordsPlural} exist for them, whichever door they come through. \`t\` is the row. */
export const visible${pascal} = (ctx: Context): RawBuilder<boolean> =>
  ctx.viewer.userId === null ? sql\`false\` : sql\`t.owner_id = \${toUuid(ctx.viewer.userId)}\`;

export const ${camel}ById = defineLoader<Id, ${pascal}Row | null>(async (ctx, ids) => {
  const rows = await ctx.rows<${pascal}Row>(
    sql\`select \${${camel}Columns} from ${snake} t where t.id = any(\${toUuids(ids)}::uuid[]) and \${visible${pascal}(ctx)}\`,
  );
  return inOrder(ids, rows.map(to${pascal}), (row) => row.id);
});
`;

const queriesTemplate = ({ kebab, camel, camelPlural, pascal, snake, wordsPlural }: Noun) => `
import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { type Connection, connectionOf, type PageArguments, pageOf } from 'kit/page';
import { ${camel}Columns, type ${pascal}Row, to${pascal}, visible${pascal} } from './${kebab}.loaders.ts';

/** The viewer's ${wordsPlural}, newest first. */
export async function ${camelPlural}ByAge(ctx: Context, args: PageArguments): Promise<Connection<${pascal}Row>> {
  const page = pageOf('${camelPlural}', args, ['id']);
  const comparison = page.backward ? sql\`>\` : sql\`<\`;
  const from = page.key ? sql\`and t.id \${comparison} \${toUuid(String(page.key[0]))}::uuid\` : sql\`\`;
  const rows = await ctx.rows<${pascal}Row>(sql\`
    select \${${camel}Columns} from ${snake} t where \${visible${pascal}(ctx)} \${from}
    order by t.id \${page.backward ? sql\`asc\` : sql\`desc\`} limit \${page.limit + 1}\`);
  return connectionOf('${camelPlural}', page, rows.map(to${pascal}), (row) => [row.id]);
}
`;

const actionsTemplate = ({ kebab, camel, pascal, snake, words }: Noun) => `
import type { Context } from 'kit/context';
import { notFound } from 'kit/errors';
import { newId } from 'kit/ids';
import { checkInput } from 'kit/input';
import { ${pascal} } from './${kebab}.entity.ts';
import { ${camel}Created } from './${kebab}.events.ts';
import { ${camel}ById, type ${pascal}Row } from './${kebab}.loaders.ts';

export interface Create${pascal}Input {
  readonly title: string;
}

/** Makes a ${words} of the viewer's. Throws UserErrors where the input is wrong. */
export async function create${pascal}(ctx: Context, input: Create${pascal}Input): Promise<${pascal}Row | null> {
  const ownerId = ctx.viewer.userId ?? notFound('User', '');
  const checked = checkInput((check) => ({ title: check.text('title', input.title, { min: 1, max: 200 }) }));
  const id = newId('${snake}');
  await ctx.change(async (tx) => {
    tx.em.create(${pascal}, { ...checked, id, ownerId, createdAt: new Date() });
    await tx.em.flush();
    tx.emit(${camel}Created, { ${camel}Id: id, ownerId });
  });
  return ${camel}ById(ctx, id);
}
`;

const rulesTemplate = ({ camelPlural, pascal }: Noun) => `
import { defineRules, signedIn } from 'kit/rules';

export const rules = defineRules({
  Query: { ${camelPlural}: signedIn },
  Mutation: { create${pascal}: signedIn },
});
`;

const resolversTemplate = ({ kebab, camel, camelPlural, pascal, snake }: Noun) => `
import type { Context } from 'kit/context';
import { payload } from 'kit/feature';
import { checkId, type Id } from 'kit/ids';
import type { PageArguments } from 'kit/page';
import { create${pascal} } from './${kebab}.actions.ts';
import { ${camel}ById } from './${kebab}.loaders.ts';
import { ${camelPlural}ByAge } from './${kebab}.queries.ts';

export const resolvers = {
  Query: { ${camelPlural}: (_: unknown, page: PageArguments, ctx: Context) => ${camelPlural}ByAge(ctx, page) },
  Mutation: { create${pascal}: payload(create${pascal}, '${camel}') },
  ${pascal}: { __resolveReference: ({ id }: { id: Id }, ctx: Context) => ${camel}ById(ctx, checkId('${snake}', id)) },
};
`;

const eventsTemplate = ({ camel, words }: Noun) => `
import { defineEvent, id } from 'kit/events';

/** Somebody made a ${words}. */
export const ${camel}Created = defineEvent('${camel}.created', 1, { ${camel}Id: id, ownerId: id }, { aggregate: '${camel}Id' });
`;
