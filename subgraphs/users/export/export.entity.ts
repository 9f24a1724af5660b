/** Whose parts make an archive, and whose steps a deletion: a later one is added here and in their rights/. */
export const SUBGRAPHS = ['users', 'content', 'engagement', 'search', 'insights'] as const;
export const OTHERS = SUBGRAPHS.slice(1);
