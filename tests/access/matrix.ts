import { aloneSource, type Answers, cell, gatewaySource, subgraphSource } from './answers.ts';
import type { Answer } from './doors.ts';
import { isShownTo } from './blocks.ts';
import type { Holder } from './holders.ts';
import { isReached } from './narrow.ts';
import { type Instance, isVisibleTo, type Role } from './people.ts';
import { absent, places } from './places.ts';
import type { Sample } from './sample.ts';
import { samples } from './samples.ts';
import { type Door, entriesAlong, isInaccessible, isRoot, isRuledIn, matrix, passedOn, waysTo } from './ways.ts';
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
  readonly holder: string;
  readonly role: Role;
  readonly instance: Instance;
  /** Whether what they hold leads there: a session everywhere, a key by its scopes, and by the gateway nobody who is suspended. */
  readonly isReached: boolean;
  /** Whether the role may see the object at all. */
  readonly isVisible: boolean;
  /** By the declarations: they may ask, and there is something. */
  readonly isAllowed: boolean;
}

/** Fields and types of the declarations that no sample and no place leads to. */
export function unreached(): string[] {
  const entries = Object.keys(matrix).map((entry) => entry.split('.') as [string, string]);
  const fields = entries.filter(([type, field]) => isRoot(type) && !samples[type]?.[field]);
  const types = new Set(entries.map(([type]) => type).filter((type) => !isRoot(type) && !places[type]));
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

/** The whole matrix: each declared field, as each holder, by each door, as it was seen. Throws where something was not asked. */
export const cellsOf = (world: World, answers: Answers, holders: readonly Holder[]): Cell[] =>
  Object.keys(matrix).flatMap((entry) =>
    isRoot(entry) ? rootCells(world, answers, holders, entry) : fieldCells(answers, holders, entry),
  );

/** What was asked alone, since it could not be asked with the rest, goes before. */
function answerTo(answers: Answers, source: string, entry: string, holder: Holder, instance: Instance): Answer {
  const asked = cell(source, holder.name, instance);
  const answer = answers.get(cell(aloneSource(source, entry), holder.name, instance)) ?? answers.get(asked);
  if (!answer) throw new Error(`nobody has asked: ${asked}`);
  return answer;
}

const mayPass = ({ isOut }: Holder, door: Door): boolean => !isOut || door === 'subgraph';

function rootCells(world: World, answers: Answers, holders: readonly Holder[], entry: string): Cell[] {
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
      holders
        .filter(({ asks }) => asks(way.source))
        .map((holder) => {
          const { role, held, name } = holder;
          const shows = isReached([shownBy[entry] ?? entry], held) ? sample.shows : null;
          // Where the scopes do not reach to what is in it, a list is there for everybody.
          const isVisible = (shows === null && sample.shows !== null) || isShownTo(entry, role, instance);
          const isOpen = isReached([entry], held) && mayPass(holder, way.door);
          const isAllowed = isOpen && isRuledIn(entry, role) && isVisible && !absent[entry]?.(role, instance);
          const answer = answerTo(answers, way.source, entry, holder, instance);
          const seen = rootSeen(world, answer, field, shows, instance);
          return { entry, ...way, holder: name, role, instance, isReached: isOpen, isVisible, isAllowed, ...seen };
        }),
    ),
  );
}

/** In which field the ids stand that lists of things show, where it takes more than the list does. */
const shownBy: Readonly<Record<string, string>> = {
  'Query.bookmarks': 'Bookmark.post',
  'Query.homeFeed': 'FeedItem.post',
  'Query.search': 'Post.id',
  'Query.suggest': 'Post.id',
};

export const REFUSALS = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'];

function rootSeen(world: World, answer: Answer, field: string, shows: Sample['shows'], instance: Instance): Seen {
  const value = answer.data?.[field];
  const refusal = [...codesOf(answer), ...refusedAsData(value)][0];
  if (refusal !== undefined) return { seen: 'refused', code: refusal };
  const isShown = value != null && (shows === null || JSON.stringify(value).includes(shows(world, instance)));
  return { seen: isShown ? 'value' : 'null', code: null };
}

/** What was wrong with a mutation is for whoever asked for it, also where it is that they may not. */
export const isForWhoeverAsks = (entry: string): boolean => /Payload\.userErrors$/.test(entry);

export const codesOf = ({ errors }: Answer): string[] => errors.map(({ extensions }) => String(extensions?.['code']));

/** A mutation says in its payload what one may not change because one may not see it. */
function refusedAsData(payload: unknown): string[] {
  const { userErrors = [] } = (payload ?? {}) as { userErrors?: readonly { code: string }[] };
  // There UNAUTHENTICATED is a wrong password or code, which says nothing of who may ask.
  return userErrors.map(({ code }) => code).filter((code) => code !== 'UNAUTHENTICATED' && REFUSALS.includes(code));
}

function fieldCells(answers: Answers, holders: readonly Holder[], entry: string): Cell[] {
  const [type = '', field = ''] = entry.split('.');
  const place = places[type];
  if (place === undefined) return [];
  const [root = '', rootField = ''] = place.split('.');
  const sample = samples[root]?.[rootField];
  if (!sample) throw new Error(`places.ts: ${place} begins with a field that has no sample`);
  const along = entriesAlong(entry, place);
  return waysTo(entry, place).flatMap((way) =>
    instancesAt(sample, place).flatMap((instance) =>
      holders
        .filter(({ asks }) => asks(way.source))
        .map((holder) => {
          const { door, source, path } = way;
          const { role, held, name } = holder;
          // A list is there without what is hidden in it.
          const isVisible =
            sample.shows === null ? isShownTo(`${root}.${rootField}`, role, instance) : isVisibleTo(role, instance);
          const isHidden = (door === 'gateway' && isInaccessible(entry)) || absent[entry]?.(role, instance);
          const isOpen = isReached(passedOn(way, along), held) && mayPass(holder, door);
          const isAllowed = isOpen && isVisible && !isHidden && along.every((one) => isRuledIn(one, role));
          const seen = fieldSeen(answerTo(answers, source, entry, holder, instance), [...path, field]);
          return {
            entry,
            door,
            source,
            holder: name,
            role,
            instance,
            isReached: isOpen,
            isVisible,
            isAllowed,
            ...seen,
          };
        }),
    ),
  );
}

/** A list is about no one object; and a draft has no parts yet. */
export function instancesAt(sample: Sample, place: string): readonly Instance[] {
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
    ({ entry, source, holder, instance, seen, code }) =>
      `${entry} (${source}; ${holder}, ${instance}): ${code ?? seen}`,
  );
