/**
 * Cruises the project and every seeded tree with the project's own rules and prints, as one JSON object, which rules
 * fired where. A process of its own, because dependency-cruiser is an ES module and jest runs CommonJS.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const root = fileURLToPath(new URL('../../', import.meta.url));
const seeded = fileURLToPath(new URL('./seeded/', import.meta.url));
const { forbidden, options } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');
const tsConfig = extractTsConfig(join(root, options.tsConfig.fileName));

/** Violations of one tree. Its libraries answer to `@guanxi/*`, so that a seeded tree stands for a whole project. */
async function violationsOf(tree) {
  const folders = ['apps', 'libs', 'test'].filter((folder) => existsSync(join(tree, folder)));
  const libraries = existsSync(join(tree, 'libs')) ? readdirSync(join(tree, 'libs')) : [];
  const alias = Object.fromEntries(
    libraries.map((library) => [`@guanxi/${library}$`, join(tree, 'libs', library, 'src/index.ts')]),
  );
  const { tsConfig: _root, ...cruiseOptions } = options;
  const { output } = await cruise(
    folders,
    { ...cruiseOptions, baseDir: tree, validate: true, ruleSet: { forbidden } },
    { alias },
    { tsConfig },
  );
  return {
    modules: output.summary.totalCruised,
    violations: output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}

const seeds = {};
for (const seed of readdirSync(seeded)) seeds[seed] = await violationsOf(join(seeded, seed));

process.stdout.write(
  JSON.stringify({
    rules: forbidden.map(({ name }) => name),
    project: await violationsOf(root.replace(/\/$/, '')),
    seeds,
  }),
);
