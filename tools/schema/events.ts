import type { ConsumedEvent, JsonSchema, SchemaSource } from './definition.ts';

interface CatalogEntry {
  readonly type: string;
  readonly version: number;
  readonly producer: string;
  readonly aggregate: string;
  readonly payload: JsonSchema;
  readonly consumers: readonly string[];
}

/** Every event of the graph with who emits it and who listens, in an order that does not depend on the code's. */
export function eventCatalog(sources: readonly SchemaSource[]): { events: readonly CatalogEntry[] } {
  const events = sources.flatMap(({ name, events: { produces } }) =>
    produces.map(({ type, version, aggregate, payload }) => ({
      type,
      version,
      producer: name,
      aggregate,
      payload,
      consumers: consumersOf(sources, type, version),
    })),
  );
  return { events: events.sort((a, b) => compareText(a.type, b.type) || a.version - b.version) };
}

function consumersOf(sources: readonly SchemaSource[], type: string, version: number): string[] {
  const listens = (consumed: ConsumedEvent) => consumed.type === type && consumed.version === version;
  return sources
    .filter(({ events }) => events.consumes.some(listens))
    .map(({ name }) => name)
    .sort(compareText);
}

/** By code unit: a locale would make the committed file depend on the machine. */
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** What keeps a consumer from understanding what its producer sends; empty where all is well. */
export function eventProblems(sources: readonly SchemaSource[]): readonly string[] {
  return [...doubledProducers(sources), ...sources.flatMap((consumer) => unmetNeeds(consumer, sources))];
}

function doubledProducers(sources: readonly SchemaSource[]): string[] {
  const owners = new Map<string, string>();
  return sources.flatMap(({ name, events }) =>
    events.produces.flatMap(({ type, version }) => {
      const key = `${type} v${version}`;
      const owner = owners.get(key);
      owners.set(key, name);
      return owner === undefined ? [] : [`${name} and ${owner} both produce ${key}; an event has one owner.`];
    }),
  );
}

function unmetNeeds(consumer: SchemaSource, sources: readonly SchemaSource[]): string[] {
  return consumer.events.consumes.flatMap(({ type, version, payload }) => {
    const producer = sources.find(({ events }) =>
      events.produces.some((produced) => produced.type === type && produced.version === version),
    );
    const event = producer?.events.produces.find((produced) => produced.type === type && produced.version === version);
    const key = `${type} v${version}`;
    if (!producer || !event) return [`${consumer.name} consumes ${key}, which no subgraph produces.`];
    return differences(event.payload, payload, 'payload').map(
      (difference) => `${consumer.name} consumes ${key} of ${producer.name}: ${difference}`,
    );
  });
}

/** Where the producer may send what the consumer does not accept. What the consumer does not ask for is not its concern. */
function differences(sent: JsonSchema, wanted: JsonSchema, path: string): string[] {
  const accepted = typesOf(wanted);
  const foreign = [...typesOf(sent)].filter(
    (type) => !accepted.has(type) && !(type === 'integer' && accepted.has('number')),
  );
  if (accepted.size > 0 && foreign.length > 0) {
    return [`${path} may be ${foreign.join(' or ')} there, but is taken as ${[...accepted].join(' or ')}.`];
  }
  const [sentShape, wantedShape] = [shapeOf(sent), shapeOf(wanted)];
  const required = (wantedShape.required ?? []).flatMap((name) => {
    const property = sentShape.properties?.[name];
    if (!property) return [`${path}.${name} is required, but is not sent.`];
    if (!sentShape.required?.includes(name)) return [`${path}.${name} is required, but is optional there.`];
    return differences(property, wantedShape.properties?.[name] ?? {}, `${path}.${name}`);
  });
  const items =
    sentShape.items && wantedShape.items ? differences(sentShape.items, wantedShape.items, `${path}[]`) : [];
  return [...required, ...items];
}

/** JSON types a value may have; an empty set where the schema does not say. */
function typesOf(schema: JsonSchema): ReadonlySet<string> {
  if (schema.anyOf) return new Set(schema.anyOf.flatMap((option) => [...typesOf(option)]));
  if (schema.type !== undefined) return new Set(typeof schema.type === 'string' ? [schema.type] : schema.type);
  const values = schema.enum ?? ('const' in schema ? [schema.const] : []);
  return new Set(values.map((value) => (value === null ? 'null' : typeof value)));
}

/** A nullable object is written as `anyOf` of the object and null: the shape is the object's. */
function shapeOf(schema: JsonSchema): JsonSchema {
  return schema.anyOf?.find((option) => option.properties ?? option.items) ?? schema;
}
