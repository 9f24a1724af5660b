import { defineFeature } from 'kit/feature';
import { subscribers } from './access.events.ts';
import { Access0001 } from './access.migration.ts';

/** A projection of content's posts, communities and members, kept by the subgraphs that must authorise by them. */
export const access = defineFeature({
  name: 'access',
  migrations: [{ name: 'access-0001', class: Access0001 }],
  subscribers,
});
