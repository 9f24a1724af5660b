/** The part of a JSON Schema that an event's payload may use. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

export interface ConsumedEvent {
  readonly type: string;
  readonly version: number;
  readonly payload: JsonSchema;
}

export interface ProducedEvent extends ConsumedEvent {
  /** The payload's property that names what the event is about. */
  readonly aggregate: string;
}

/** What the pipeline needs to know of a subgraph. */
export interface SchemaSource {
  readonly name: string;
  /** Federation 2 SDL. */
  readonly sdl: string;
  /** Who may ask, by type and field. */
  readonly rules?: Readonly<
    Record<string, Readonly<Record<string, { readonly name: string; readonly allows: readonly string[] }>>>
  >;
  readonly events: { readonly produces: readonly ProducedEvent[]; readonly consumes: readonly ConsumedEvent[] };
}

/** What the person who changed a schema must mend. Each problem is a sentence that names the subgraph. */
export class SchemaProblem extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
