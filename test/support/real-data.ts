import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runImport } from '../../apps/cli/src/import';
import type { ImportKind, ImportSummary } from '../../apps/cli/src/import';
import type { Json, RunningProduct } from './product';

const root = join(__dirname, '../..');
const data = join(root, '../shared/data');

/** Where the public data sets lie, if they are there. */
export const hasRealData = existsSync(join(data, 'reference.json'));

if (!hasRealData)
  process.stderr.write('No public data sets in ../shared/data: tests over them are skipped.\n');

/** `describe` over the public data sets; skipped where they are absent. */
export const describeRealData = hasRealData ? describe : describe.skip;

/** Figures of a data set that were computed independently of this project. */
export const reference = (name: string): Json =>
  hasRealData ? JSON.parse(readFileSync(join(data, 'reference.json'), 'utf8'))[name] : {};

/** Imports a file of a data set with a ready mapping through the public bulk route. */
export const importReal = (
  { product, key, dataDir }: RunningProduct,
  kind: ImportKind,
  file: string,
  mapping: string,
): Promise<ImportSummary> =>
  runImport({
    kind,
    files: [join(data, file)],
    mappingFile: join(root, 'examples/mappings', `${mapping}.yaml`),
    url: product.url,
    apiKey: key,
    dataDir,
    errorsFile: join(dataDir, `${mapping}-errors.ndjson`),
  });
