import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analysisDoc } from '@guanxi/projections';
import { contexts } from '.';

const FILE = join(__dirname, '../../../docs/analysis.md');
const models = contexts.flatMap(({ readModels }) => readModels);

it('is what the read models are now; UPDATE_DOCS=1 writes it anew', () => {
  const wanted = analysisDoc(models);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(FILE, wanted);
  expect(readFileSync(FILE, 'utf8')).toBe(wanted);
});

it.each(models.map((model) => [model.name, model] as const))(
  'has words for every column of %s',
  (_name, model) => {
    expect(Object.keys(model.words?.columns ?? {}).sort()).toEqual(Object.keys(model.columns).sort());
  },
);
