import { type Answers, cell, gatewaySource, subgraphSource } from './answers.ts';
import type { Answer } from './doors.ts';
import { isShownTo } from './blocks.ts';
import { type Instance, isVisibleTo, type Role, roles } from './people.ts';
import { absent, places } from './places.ts';
import { type Sample, samples } from './samples.ts';
import { type Door, entriesAlong, isInaccessible, isRuledIn, matrix, waysTo } from './ways.ts';
import type { World } from './world.ts';

interface Seen {
  readonly seen: 'value' | 'null' | 'refused';
  /** Of a refusal. */
  readonly code: string | null;
}

/** One field as one role meets it by one door. */
export interface Cell extends Seen {
  readonly entry: string;
  readonly door: Door;
  readonly source: string;
  readonly role: Role;
  readonly instance: Instance;
  /** Whether the role may see the object at all. */
  readonly isVisible: boolean;
  /** By the declarations: they may ask, and there is something. */
  readonly isAllowed: boolean;
}

const ROOTS = ['Query', 'Mutation', 'Subscription'];
const isRoot = (entry: string): boolean => ROOTS.includes(entry.split('.')[0] ?? '');

/** Fields and types of the declarations that no sample and no place leads to. */
export function unreached(): string[] {
  const entries = Object.keys(matrix).map((entry) => entry.split('.') as [string, string]);
  const fields = entries.filter(([type, field]) => ROOTS.includes(type) && !samples[type]?.[field]);
  const types = new Set(entries.map(([type]) => type).filter((type) => !ROOTS.includes(type) && !places[type]));
  return [
    ...fields.map(([type, field]) => `samples.ts: ${type}.${field}`),
    ...[...types].map((type) => `places.ts: ${type}`),
  ];
}

/** Samples and places of what is no more. */
export function stale(): string[] {
  const types = new Set(Object.keys(matrix).map((entry) => entry.split('.')[0]));
  const fields = Object.entries(samples).flatMap(([root, all]) => Object.keys(all).map((field) => `${root}.${field}`));
  return [
    ...fields.filter((entry) => !matrix[entry]),
    ...Object.keys(places).filter((type) => !types.has(type)),
    ...Object.keys(absent).filter((entry) => !matrix[entry]),
  ];
}

/** The whole matrix: each declared field, as each role, by each door, as it was seen. Throws where something was not asked. */
export const cellsOf = (world: World, answers: Answers): Cell[] =>
  Object.keys(matrix).flatMap((entry) =>
    isRoot(entry) ? rootCells(world, answers, entry) : fieldCells(answers, entry),
  );

function answerTo(answers: Answers, source: string, role: Role, instance: Instance): Answer {
  const answer = answers.get(cell(source, role, instance));
  if (!answer) throw new Error(`nobody has asked: ${cell(source, role, instance)}`);
  return answer;
}

function rootCells(world: World, answers: Answers, entry: string): Cell[] {
  const [root = '', field = ''] = entry.split('.');
  const sample = samples[root]?.[field];
  if (!sample) return [];
  const owners = sample.isRelay ? [] : (matrix[entry]?.subgraphs ?? []);
  const ways: { door: Door; source: string }[] = [
    { door: 'gateway', source: gatewaySource(root, field) },
    ...owners.map((name) => ({ door: 'subgraph' as const, source: subgraphSource(name, root, field) })),
  ];
  return ways.flatMap((way) =>
    sample.instances.flatMap((instance) =>
      roles.map((role) => {
        const isVisible = isShownTo(entry, role, instance);
        const isAllowed = isRuledIn(entry, role) && isVisible && !absent[entry]?.(role, instance);
        const answer = answerTo(answers, way.source, role, instance);
        return {
          entry,
          ...way,
          role,
          instance,
          isVisible,
          isAllowed,
          ...rootSeen(world, answer, field, sample, instance),
        };
      }),
    ),
  );
}

export const REFUSALS = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'];

function rootSeen(world: World, answer: Answer, field: string, sample: Sample, instance: Instance): Seen {
  const value = answer.data?.[field];
  const refusal = [...codesOf(answer), ...refusedAsData(value)][0];
  if (refusal !== undefined) return { seen: 'refused', code: refusal };
  const isShown =
    value != null && (sample.shows === null || JSON.stringify(value).includes(sample.shows(world, instance)));
  return { seen: isShown ? 'value' : 'null', code: null };
}

export const codesOf = ({ errors }: Answer): string[] => errors.map(({ extensions }) => String(extensions?.['code']));

/** A mutation says in its payload what one may not change because one may not see it. */
function refusedAsData(payload: unknown): string[] {
  const { userErrors = [] } = (payload ?? {}) as { userErrors?: readonly { code: string }[] };
  // There UNAUTHENTICATED is a wrong password or code, which says nothing of who may ask.
  return userErrors.map(({ code }) => code).filter((code) => code !== 'UNAUTHENTICATED' && REFUSALS.includes(code));
}

function fieldCells(answers: Answers, entry: string): Cell[] {
  const [type = '', field = ''] = entry.split('.');
  const place = places[type];
  if (place === undefined) return [];
  const [root = '', rootField = ''] = place.split('.');
  const sample = samples[root]?.[rootField];
  if (!sample) throw new Error(`places.ts: ${place} begins with a field that has no sample`);
  const along = entriesAlong(entry, place);
  return waysTo(entry, place).flatMap(({ door, source, path }) =>
    instancesAt(sample, place).flatMap((instance) =>
      roles.map((role) => {
        // A list is there without what is hidden in it.
        const isVisible =
          sample.shows === null ? isShownTo(`${root}.${rootField}`, role, instance) : isVisibleTo(role, instance);
        const isHidden = (door === 'gateway' && isInaccessible(entry)) || absent[entry]?.(role, instance);
        const isAllowed = isVisible && !isHidden && along.every((one) => isRuledIn(one, role));
        const answer = answerTo(answers, source, role, instance);
        return { entry, door, source, role, instance, isVisible, isAllowed, ...fieldSeen(answer, [...path, field]) };
      }),
    ),
  );
}

/** A list is about no one object; and a draft has no parts yet. */
function instancesAt(sample: Sample, place: string): readonly Instance[] {
  if (sample.shows !== null) return ['public'];
  return place.split('.').length > 2 ? sample.instances.filter((one) => one !== 'draft') : sample.instances;
}

function fieldSeen(answer: Answer, path: readonly string[]): Seen {
  if (valuesAt(answer.data, path).some((value) => value != null)) return { seen: 'value', code: null };
  const [code] = codesOf(answer);
  return code === undefined ? { seen: 'null', code: null } : { seen: 'refused', code };
}

/** What is at the end of a path that may lead through lists. */
function valuesAt(value: unknown, [key, ...rest]: readonly string[]): unknown[] {
  if (key === undefined || value == null) return [value];
  if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, [key, ...rest]));
  return valuesAt((value as Record<string, unknown>)[key], rest);
}

/** For a failure's message: what was seen, by whom, where. */
export const told = (cells: readonly Cell[]): string[] =>
  cells.map(
    ({ entry, source, role, instance, seen, code }) => `${entry} (${source}; ${role}, ${instance}): ${code ?? seen}`,
  );
