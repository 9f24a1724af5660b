import { defineFeature } from 'kit/feature';
import { subscribers } from './people.events.ts';
import { People0001 } from './people.migration.ts';

/** A projection of users' blocks and mutes, kept by the subgraphs that show what people have made. */
export const people = defineFeature({
  name: 'people',
  migrations: [{ name: 'access-people-0001', class: People0001 }],
  subscribers,
});
