import { hintsByGraph } from '../cache/declarations.ts';
import { hasPrivateFields } from '../cache/private-fields.ts';
import type { GatewayHooks } from '../hooks.ts';
import type { Operation } from '../operation/operation.ts';
import { isPublicOperation } from '../operation/public-fields.ts';

/** Whether one answer to an operation is good for all its subscribers. Decided once per operation. */
export type IsPublic = (operation: Operation) => boolean;

/** PRIVATE in a product's hints holds for live answers too; PUBLIC there is about what is cached. */
export function createIsPublic({ caching = {}, publicFields = [] }: GatewayHooks): IsPublic {
  const declaration = { publicFields };
  const hintsOf = hintsByGraph(caching, publicFields);
  const decided = new WeakMap<Operation, boolean>();
  return (operation) => {
    let isPublic = decided.get(operation);
    if (isPublic === undefined) {
      const { graph } = operation;
      isPublic =
        isPublicOperation(graph, operation, declaration) && !hasPrivateFields(graph, operation, hintsOf(graph));
      decided.set(operation, isPublic);
    }
    return isPublic;
  };
}
