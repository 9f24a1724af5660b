import { fromString, toUUID, TypeID, typeidUnboxed } from 'typeid-js';
import { CodedError } from './errors.ts';
import { prefixOf, typeIdOf, uuidOf } from './typeid.ts';

/** A TypeID: `post_01k…`, its suffix a UUIDv7. The same string everywhere in code and in the graph; `uuid` in columns. */
export type Id = string;

export const newId = (kind: string): Id => typeidUnboxed(kind);

/** The kind an id claims (`post`), or null where it is no TypeID of a UUID. */
export function kindOf(id: unknown): string | null {
  const prefix = typeof id === 'string' ? prefixOf(id) : null;
  return prefix !== null && isOfUuid(id as Id) ? prefix : null;
}

/** Any 128 bits make a TypeID, and not all of them a UUID: those would fail where they are read, and all asked for with them. */
function isOfUuid(id: Id): boolean {
  if (uuidOf(id) !== null) return true;
  try {
    return toUuid(id) !== '';
  } catch {
    return false;
  }
}

/** Checks an id that came from outside. Throws INVALID_ID for no id at all, WRONG_ID_TYPE for another thing's id. */
export function checkId(kind: string, id: unknown, field = 'id'): Id {
  const actual = kindOf(id);
  if (actual === null) {
    throw new CodedError('INVALID_ID', `${field} is no id; ids look like "${kind}_01h2xcejqtf2nbrexx3vqjhp41".`, [
      field,
    ]);
  }
  if (actual !== kind) {
    throw new CodedError('WRONG_ID_TYPE', `${field} is the id of a ${actual}, not of a ${kind}.`, [field]);
  }
  return id as Id;
}

/** Throws where it is no TypeID of a UUID. */
export const toUuid = (id: Id): string => uuidOf(id) ?? toUUID(fromString(id));
export const toUuids = (ids: readonly Id[]): string[] => ids.map(toUuid);
export const fromUuid = (kind: string, uuid: string): Id =>
  typeIdOf(kind, uuid) ?? TypeID.fromUUID(kind, uuid).toString();

/** A mapper of database rows: the named columns hold uuids of the named kinds, and leave as TypeIDs. */
export function rowMapper<Row extends object>(kinds: { readonly [Key in keyof Row]?: string }): (row: Row) => Row {
  const columns = Object.entries(kinds) as [keyof Row, string][];
  return (row) => {
    for (const [column, kind] of columns) {
      const uuid = row[column];
      if (typeof uuid === 'string') row[column] = fromUuid(kind, uuid) as Row[keyof Row];
    }
    return row;
  };
}
