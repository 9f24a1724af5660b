import { type Person, personOf, type Role, roles } from './people.ts';
import type { World } from './world.ts';

interface Met {
  /** The role and the door, for a failure's message. */
  readonly who: string;
  readonly role: Role;
  readonly object: Readonly<Record<string, unknown>> | null;
}

/** Asks as each role, first through the gateway and then of the subgraph itself, for one object that no sample is about: `Type { fields }` by its id. */
export async function asEach(
  world: World,
  subgraph: string,
  root: string,
  type: string,
  id: string,
): Promise<readonly Met[]> {
  const [name = '', ...fields] = type.split(' ');
  const selection = fields.join(' ');
  const entity = `query ($of: [_Any!]!) { found: _entities(representations: $of) { ... on ${name} ${selection} } }`;
  const past = { of: [{ __typename: name, id }] };
  const asked = ['gateway', 'subgraph'].flatMap((door) => roles.map((role) => ({ door, role })));
  return Promise.all(
    asked.map(async ({ door, role }) => {
      const asker = { person: personOf(role, 'author') };
      const { data } =
        door === 'gateway'
          ? await world.gateway(asker, `query ($id: ID!) { found: ${root}(id: $id) ${selection} }`, { id })
          : await world.subgraph(subgraph, asker, entity, past);
      const found = [data?.['found']].flat()[0] as Met['object'] | undefined;
      return { who: `${role} by the ${door}`, role, object: found ?? null };
    }),
  );
}

/** Subgraphs hand an id on to whoever owns the object; what they have said of it is the gateway's next question. */
const isRelayed = (what: string): boolean => /^users: .*\bnodes?\(/.test(what);

const withoutErrors = (key: string, value: unknown): unknown => (key === 'userErrors' ? undefined : value);

/** Which of these ids were in any data that somebody was given: what they asked for themselves may stand in errors. */
export const toldTo = ({ uttered }: World, person: Person, ids: readonly string[]): string[] =>
  uttered
    .filter((one) => one.person === person && !isRelayed(one.what))
    .flatMap(({ what, text }) => {
      const data = JSON.stringify((JSON.parse(text) as { data?: unknown }).data ?? null, withoutErrors);
      return ids.filter((id) => data.includes(id)).map((id) => `${id}: ${what}`);
    });
