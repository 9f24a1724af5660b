import { defineEntity, p } from '@mikro-orm/core';
import { Migration } from '@mikro-orm/migrations';
import { type Context, once } from '../context.ts';
import { sql, TypeId } from '../database.ts';
import { CodedError, notFound } from '../errors.ts';
import { count, defineEvent, id, on, text } from '../events.ts';
import { defineFeature, live, payload } from '../feature.ts';
import { checkId, type Id, newId, rowMapper, toUuid, toUuids } from '../ids.ts';
import { checkInput } from '../input.ts';
import { defineLoader, inOrder } from '../loaders.ts';
import { connectionOf, type PageArguments, pageOf } from '../page.ts';
import { admins, anyone, defineRule, defineRules, signedIn } from '../rules.ts';
import { defineSubgraph } from '../subgraph.ts';

/**
 * The smallest two subgraphs that use all of the kit: `maker` keeps widgets and tells of them, `taker` keeps a shelf of
 * what it was told. The kit's own tests run on them.
 */

class Maker0001 extends Migration {
  override up(): void {
    this.addSql(
      `create table widget (id uuid primary key, owner_id uuid, name text not null, size int not null default 0)`,
    );
  }

  override down(): void {
    this.addSql('drop table widget');
  }
}

const schema = defineEntity({
  name: 'Widget',
  tableName: 'widget',
  properties: {
    id: p.type(new TypeId('widget')).$type<string>().primary(),
    ownerId: p.type(new TypeId('user')).$type<string>().nullable(),
    name: p.text(),
    size: p.integer().default(0),
  },
});
export class Widget extends schema.class {}
schema.setClass(Widget);

interface WidgetRow {
  id: Id;
  ownerId: Id | null;
  name: string;
  size: number;
}

const toWidget = rowMapper<WidgetRow>({ id: 'widget', ownerId: 'user' });
const columns = sql`id, owner_id as "ownerId", name, size`;

export const widgetById = defineLoader<Id, WidgetRow | null>(async (ctx, ids) => {
  const rows = await ctx.rows<WidgetRow>(sql`select ${columns} from widget where id = any(${toUuids(ids)}::uuid[])`);
  return inOrder(ids, rows.map(toWidget), (row) => row.id);
});

async function widgetsByAge(ctx: Context, args: PageArguments) {
  const page = pageOf('widgets', args, ['id']);
  const from = page.key ? sql`where id ${page.backward ? sql`<` : sql`>`} ${toUuid(String(page.key[0]))}::uuid` : sql``;
  const rows = await ctx.rows<WidgetRow>(
    sql`select ${columns} from widget ${from} order by id ${page.backward ? sql`desc` : sql`asc`} limit ${page.limit + 1}`,
  );
  return connectionOf('widgets', page, rows.map(toWidget), (row) => [row.id]);
}

export const widgetSaved = defineEvent(
  'widget.saved',
  1,
  { widgetId: id, name: text, size: count },
  { aggregate: 'widgetId', live: ({ widgetId }) => [{ topic: `widget:${widgetId}`, payload: { widgetId } }] },
);
/** What no taker knows yet. */
export const widgetSavedNewly = defineEvent('widget.saved', 2, { widgetId: id }, { aggregate: 'widgetId' });

export interface SaveWidgetInput {
  readonly id?: Id | null;
  readonly name: string;
  readonly idempotencyKey?: string | null;
}

/** Makes a widget, or renames it and lets it grow by one. */
export async function saveWidget(ctx: Context, input: SaveWidgetInput): Promise<WidgetRow | null> {
  const name = checkInput((check) => check.text('name', input.name, { min: 1, max: 50 }));
  const widgetId = input.id == null ? newId('widget') : checkId('widget', input.id);
  const saved = await once(ctx, 'saveWidget', input.idempotencyKey, input, async (tx) => {
    const ownerId = ctx.viewer.userId === null ? null : toUuid(ctx.viewer.userId);
    const [row] = await tx.rows<{ size: number }>(sql`
      insert into widget (id, owner_id, name) values (${toUuid(widgetId)}, ${ownerId}, ${name})
      on conflict (id) do update set name = excluded.name, size = widget.size + 1 returning size`);
    if (name === 'refused') throw new CodedError('CONFLICT', 'No widget is called that.', ['name']);
    tx.emit(widgetSaved, { widgetId, name, size: row?.size ?? 0 });
    return widgetId;
  });
  widgetById.clear(ctx, saved);
  return widgetById(ctx, saved);
}

const owners = defineRule<WidgetRow>('the owner', ['owner'], (ctx, widget) => ctx.viewer.userId === widget.ownerId);

const typeDefs = `
  "A thing."
  type Widget implements Node @key(fields: "id") {
    "The id."
    id: ID!
    "What it is called."
    name: String!
    "How often it was saved again."
    size: Int!
    "What only its owner sees."
    secret: String
    "What cannot be read."
    broken: String
  }
  "A page of widgets."
  type WidgetConnection {
    "The widgets with their cursors."
    edges: [WidgetEdge!]!
    "Where the page stands."
    pageInfo: PageInfo!
  }
  "One of the widgets in a list."
  type WidgetEdge {
    "Where it stands."
    cursor: String!
    "The thing itself."
    node: Widget!
  }
  extend type Query {
    "One widget."
    widget("Which." id: ID!): Widget
    "Widgets, oldest first."
    widgets("From the start." first: Int, "Behind this." after: String, "From the end." last: Int, "Before this." before: String): WidgetConnection!
    "For administrators."
    forAdmins: String
    "When it is asked, at a given time."
    echo("When." at: DateTime!): DateTime!
  }
  extend type Mutation {
    "Makes or changes a widget."
    saveWidget("The widget." input: SaveWidgetInput!): SaveWidgetPayload!
  }
  extend type Subscription {
    "The widget, each time it is saved."
    widgetSaved("Which." id: ID!): Widget
  }
  "The widget."
  input SaveWidgetInput {
    "Which to change."
    id: ID
    "What it is called, 1 to 50 characters."
    name: String!
    "Repeats with it do nothing."
    idempotencyKey: String
  }
  "What came of it."
  type SaveWidgetPayload {
    "The widget, as it is now."
    widget: Widget
    "Why it was not done."
    userErrors: [UserError!]!
  }
`;

export const widget = defineFeature({
  name: 'widget',
  typeDefs,
  entities: [schema],
  migrations: [{ name: 'maker-0001', class: Maker0001 }],
  rules: defineRules({
    Query: { widget: anyone, widgets: anyone, forAdmins: admins, echo: anyone },
    Mutation: { saveWidget: signedIn },
    Subscription: { widgetSaved: signedIn },
    Widget: { secret: owners },
  }),
  resolvers: {
    Query: {
      widget: (_: unknown, { id: given }: { id: Id }, ctx: Context) => widgetById(ctx, checkId('widget', given)),
      widgets: (_: unknown, args: PageArguments, ctx: Context) => widgetsByAge(ctx, args),
      forAdmins: () => 'for administrators',
      echo: (_: unknown, { at }: { at: Date }) => at,
    },
    Mutation: { saveWidget: payload(saveWidget, 'widget') },
    Widget: {
      __resolveReference: ({ id: given }: { id: Id }, ctx: Context) => widgetById(ctx, checkId('widget', given)),
      secret: () => 'for the owner',
      broken: (_: unknown, __: unknown, ctx: Context) => ctx.rows(sql`select password from internal_table`),
    },
  },
  live: {
    widgetSaved: live<{ id: Id }, { widgetId: Id }>({
      topic: async (ctx, { id: given }) =>
        (await widgetById(ctx, checkId('widget', given))) ? `widget:${given}` : notFound('Widget', given),
      load: (ctx, { widgetId }) => widgetById(ctx, widgetId),
    }),
  },
  emits: [widgetSaved, widgetSavedNewly],
});

export const maker = defineSubgraph({ name: 'maker', features: [widget] });

class Taker0001 extends Migration {
  override up(): void {
    this.addSql(
      `create table shelf (widget_id uuid primary key, name text not null, size int not null, version bigint not null)`,
    );
    // One row per effect, so that a test can tell once from twice and first from second.
    this.addSql(
      `create table effect (position bigint generated always as identity primary key, widget_id uuid, name text, version bigint)`,
    );
    // A test that locks its row holds up whoever handles an event.
    this.addSql(`create table gate (is_healed boolean not null default false)`);
    this.addSql(`insert into gate default values`);
  }

  override down(): void {
    this.addSql('drop table gate, effect, shelf');
  }
}

/** Puts a widget on the shelf; one called `poison` only once the gate says that the handler was mended. */
const shelve = on(
  'widget.saved',
  1,
  { widgetId: id, name: text, size: count },
  async (tx, saved, { aggregateVersion }) => {
    const [gate] = await tx.rows<{ isHealed: boolean }>(sql`select is_healed as "isHealed" from gate for share`);
    const uuid = toUuid(saved.widgetId);
    await tx.rows(
      sql`insert into effect (widget_id, name, version) values (${uuid}, ${saved.name}, ${aggregateVersion})`,
    );
    await tx.rows(sql`
    insert into shelf (widget_id, name, size, version) values (${uuid}, ${saved.name}, ${saved.size}, ${aggregateVersion})
    on conflict (widget_id) do update set name = excluded.name, size = excluded.size, version = excluded.version
    where shelf.version < excluded.version`);
    if (saved.name === 'poison' && !gate?.isHealed) throw new Error('that cannot be shelved');
  },
);

interface ShelfRow {
  readonly name: string;
  readonly size: number;
}

export const shelf = defineFeature({
  name: 'shelf',
  typeDefs: `
    type Widget @key(fields: "id") {
      "The id."
      id: ID!
      "As the shelf has it."
      shelved: Shelved
    }
    "A widget on the shelf."
    type Shelved {
      "What it is called there."
      name: String!
      "Its size there."
      size: Int!
    }
    extend type Query {
      "What the shelf has of a widget."
      shelved("Which." id: ID!): Shelved
    }
  `,
  migrations: [{ name: 'taker-0001', class: Taker0001 }],
  rules: defineRules({ Query: { shelved: anyone } }),
  resolvers: {
    Query: {
      shelved: async (_: unknown, { id: given }: { id: Id }, ctx: Context) => {
        const [row] = await ctx.rows<ShelfRow>(
          sql`select name, size from shelf where widget_id = ${toUuid(checkId('widget', given))}`,
        );
        return row ?? null;
      },
    },
  },
  subscribers: [shelve],
});

export const taker = defineSubgraph({ name: 'taker', features: [shelf] });

/** Who tells and who is told, in place of the committed contract. */
export const widgetRoutes = {
  consumersOf: (type: string) => (type === 'widget.saved' ? ['taker'] : []),
  producersOf: () => ['maker'],
};
