import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import { defineRules, gatewayOnly, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { type ApiKeyUses, createApiKey, noteApiKeyUses, revokeApiKey, rotateApiKey } from './apikey.actions.ts';
import { remindOfKeys } from './apikey.jobs.ts';
import { apiKeyStateByHash, apiKeysOfViewer } from './apikey.loaders.ts';

export const apiKey = defineFeature({
  name: 'apikey',
  typeDefs: graphqlFile(import.meta.url, 'apikey.graphql'),
  rules: defineRules({
    Query: { apiKeys: signedIn, apiKeyState: gatewayOnly },
    Mutation: {
      createApiKey: signedIn,
      rotateApiKey: signedIn,
      revokeApiKey: signedIn,
      noteApiKeyUses: gatewayOnly,
    },
  }),
  resolvers: {
    Query: {
      apiKeys: (_: unknown, _args: unknown, ctx: Context) => apiKeysOfViewer(ctx),
      apiKeyState: (_: unknown, { hash }: { hash: string }, ctx: Context) => apiKeyStateByHash(ctx, hash),
    },
    Mutation: {
      createApiKey: payload(createApiKey),
      rotateApiKey: payload(rotateApiKey),
      revokeApiKey: payload(revokeApiKey, 'apiKey'),
      noteApiKeyUses: async (_: unknown, { input }: { input: { uses: readonly ApiKeyUses[] } }, ctx: Context) => {
        await noteApiKeyUses(ctx, input.uses);
        return true;
      },
    },
  },
  jobs: [remindOfKeys],
});
