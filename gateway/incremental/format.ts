import type { IncrementalFormat } from './accept.ts';
import type { Answer } from '../answer.ts';
import type { Delivered, Pending } from './delivery.ts';

/** How the parts of an answer are written for clients of one format. */
export interface PartsFormat {
  readonly contentType: string;
  readonly first: (answer: Answer, begun: Pick<Delivered, 'pending' | 'hasNext'>) => unknown;
  readonly next: (delivered: Delivered) => unknown;
}

/** The client's name of a fragment, by the label that it was given here. */
export type LabelOf = (label: string) => string | null;

const DASH = 'multipart/mixed; boundary="-"';

export function partsFormat(format: IncrementalFormat, labelOf: LabelOf): PartsFormat {
  return format === 'v0.2' ? currentFormat(labelOf) : formerFormat(labelOf);
}

const errorsIn = <T>(errors: readonly T[]) => (errors.length > 0 ? { errors } : {});

/** https://specs.apollo.dev/incremental/v0.2: each fragment is told of beforehand, and each field is sent once. */
function currentFormat(labelOf: LabelOf): PartsFormat {
  const pendingOf = ({ id, fragment: { label, path } }: Pending) => {
    const ofClient = labelOf(label);
    return ofClient === null ? { id, path } : { id, path, label: ofClient };
  };
  return {
    contentType: `${DASH}; incrementalSpec=v0.2`,
    first: (answer, { pending, hasNext }) => ({ ...answer, pending: pending.map(pendingOf), hasNext }),
    next: ({ pending, patches, completed, hasNext }) => ({
      hasNext,
      ...(pending.length > 0 ? { pending: pending.map(pendingOf) } : {}),
      ...(patches.length > 0 ? { incremental: patches.map(patchOf) } : {}),
      completed: completed.map(({ pending: { id }, errors }) => ({ id, ...errorsIn(errors) })),
    }),
  };
}

function patchOf({ pending: { id, fragment }, path, data, errors }: Delivered['patches'][number]) {
  const subPath = path.slice(fragment.path.length);
  return { data, id, ...(subPath.length > 0 ? { subPath } : {}), ...errorsIn(errors) };
}

/** https://specs.apollo.dev/incremental/v0.1: fragments go by path and label, one without data has failed. */
function formerFormat(labelOf: LabelOf): PartsFormat {
  const labelled = (label: string) => {
    const ofClient = labelOf(label);
    return ofClient === null ? {} : { label: ofClient };
  };
  return {
    contentType: `${DASH}; deferSpec=20220824`,
    first: (answer, { hasNext }) => ({ ...answer, hasNext }),
    next: ({ patches, completed, hasNext }) => ({
      hasNext,
      incremental: [
        ...patches.map(({ pending: { fragment }, path, data, errors }) => ({
          data,
          path,
          ...labelled(fragment.label),
          ...errorsIn(errors),
        })),
        // What came with patches is told by them.
        ...completed
          .filter(({ isPatched }) => !isPatched)
          .map(({ pending: { fragment }, errors }) => ({
            data: errors.length > 0 ? null : {},
            path: fragment.path,
            ...labelled(fragment.label),
            ...errorsIn(errors),
          })),
      ],
    }),
  };
}
