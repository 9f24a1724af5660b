import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import { defineRules, gatewayOnly, signedInUnverified } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { requestDataExport } from './export.actions.ts';
import { exportRequested } from './export.events.ts';
import { assembleExports, resumeExports } from './export.jobs.ts';
import { dataExportsOfViewer, pieceFor } from './export.loaders.ts';

export const dataExport = defineFeature({
  name: 'export',
  typeDefs: graphqlFile(import.meta.url, 'export.graphql'),
  rules: defineRules({
    Query: { dataExports: signedInUnverified, dataExportPiece: gatewayOnly },
    Mutation: { requestDataExport: signedInUnverified },
  }),
  resolvers: {
    Query: {
      dataExports: (_: unknown, _args: unknown, ctx: Context) => dataExportsOfViewer(ctx),
      dataExportPiece: (_: unknown, args: { token: string; piece: number }, ctx: Context) => pieceFor(ctx, args),
    },
    Mutation: { requestDataExport: payload(requestDataExport, 'dataExport') },
  },
  emits: [exportRequested],
  jobs: [assembleExports],
  prepare: resumeExports,
});
