import { list } from './list.ts';
import { OWN_HEADERS } from './transport/headers.ts';

const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

/** Names of headers that clients may speak to subgraphs by, in lower case, each once. */
export const forwardedNames = list
  .transform((names): readonly string[] => [...new Set(names.map((name) => name.toLowerCase()))])
  .superRefine((names, { addIssue }) => {
    for (const name of names) {
      if (!NAME.test(name)) addIssue({ code: 'custom', message: `"${name}" is no name of a header` });
      if (OWN_HEADERS.has(name)) addIssue({ code: 'custom', message: `"${name}" is the gateway's own to say` });
    }
  });
