// Jest transform with Node's own type stripping: no dependency, and what tests run is what `node file.ts` runs.
// Stripping leaves blanks where types were, so positions hold and no source map is needed.
import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

const strip = (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) });

/** Jest instruments for coverage after this, under the same key: without `instrument` one run would read the other's code. */
const getCacheKey = (source, path, { instrument }) =>
  createHash('sha1').update(source).update(path).update(process.version).update(String(instrument)).digest('hex');

export default { process: strip, getCacheKey };
