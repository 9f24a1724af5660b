import { validate } from '@hyperjump/json-schema/openapi-3-1';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: unknown;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: unknown }>> };
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly $ref?: string }>>;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

const META_SCHEMA = 'https://spec.openapis.org/oas/3.1/schema-base';

/** Where a document is not one of OpenAPI 3.1: by the official meta-schema, and in what no schema can tell. */
export async function structureProblems(document: Document): Promise<readonly string[]> {
  // Its objects may come from another realm than the validator's, which takes none of those.
  const plain = JSON.parse(JSON.stringify(document)) as never;
  const output = await validate(META_SCHEMA, plain, 'BASIC');
  const errors = output.valid ? [] : (output.errors ?? []);
  const problems = errors.map(({ instanceLocation, absoluteKeywordLocation }) => `${instanceLocation}: ${absoluteKeywordLocation}`); // prettier-ignore
  const ids = new Set<string>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const where = `${method.toUpperCase()} ${path}`;
      if (ids.has(operation.operationId)) problems.push(`${where}: its operationId stands twice`);
      ids.add(operation.operationId);
      problems.push(...operationProblems(document, path, operation).map((problem) => `${where}: ${problem}`));
    }
  }
  return problems;
}

function operationProblems(document: Document, path: string, operation: Operation): string[] {
  const problems: string[] = [];
  const places = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
  const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
  for (const name of places) if (!declared.some((one) => one.name === name)) problems.push(`{${name}} is not declared`);
  for (const { name } of declared) if (!places.includes(name)) problems.push(`${name} is not in the path`);
  const keys = (operation.parameters ?? []).map((parameter) => `${parameter.in}:${parameter.name}`);
  if (new Set(keys).size < keys.length) problems.push('a parameter stands twice');
  for (const scheme of (operation.security ?? []).flatMap((one) => Object.keys(one))) {
    if (!(scheme in document.components.securitySchemes)) problems.push(`there is no security scheme ${scheme}`);
  }
  return [...problems, ...referenceProblems(document, operation)];
}

function referenceProblems(document: Document, part: unknown, seen = new Set<string>()): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const { $ref } = part as { $ref?: string };
  if (typeof $ref !== 'string') return Object.values(part).flatMap((one) => referenceProblems(document, one, seen));
  if (seen.has($ref)) return [];
  seen.add($ref);
  const target = targetOf(document, $ref);
  return target === undefined ? [`${$ref} leads nowhere`] : referenceProblems(document, target, seen);
}

const targetOf = (document: Document, reference: string): unknown =>
  reference
    .slice('#/'.length)
    .split('/')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
