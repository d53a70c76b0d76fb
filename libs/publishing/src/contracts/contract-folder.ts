import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Breach } from './breaches';
import { breachesOf } from './breaches';
import { ContractBook } from './contract-book';
import type { Publication } from './contract';
import { PUBLISHED_FILE, contractFiles } from './contract-files';
import type { Published } from './published';
import { NOTHING_PUBLISHED, publishedOf } from './published';
import { parsePublished } from './published-codec';

/** A generated file that is not as the code has it. */
export interface StaleFile {
  readonly file: string;
  readonly why: 'missing' | 'out of date' | 'left over';
}

/** What keeps contracts from being as readers were promised, or as the code has them. */
export interface ContractFindings {
  readonly breaches: readonly Breach[];
  readonly stale: readonly StaleFile[];
}

/** Contracts in the code, where their files are, and what day it is (`YYYY-MM-DD`). */
export interface ContractsIn {
  readonly publications: readonly Publication[];
  readonly folder: string;
  readonly today: string;
}

/**
 * Compares the code with what was published and with the generated files; changes nothing.
 * @throws Error for contracts that contradict each other, or a published.json that can't be read
 */
export async function checkContracts({
  publications,
  folder,
  today,
}: ContractsIn): Promise<ContractFindings> {
  const { breaches, wanted } = await lookAt({ publications, folder, today });
  const stale: StaleFile[] = [];
  for (const [file, text] of wanted) {
    const held = await textOf(join(folder, file));
    if (held !== text) stale.push({ file, why: held === undefined ? 'missing' : 'out of date' });
  }
  for (const file of await leftOver(folder, wanted)) stale.push({ file, why: 'left over' });
  return { breaches, stale };
}

/**
 * Writes the files anew, unless that would break a promise: then it changes nothing.
 * @returns breaches, and what was written or taken away
 * @throws Error as `checkContracts`
 */
export async function writeContracts(contracts: ContractsIn): Promise<ContractFindings> {
  const { folder } = contracts;
  const findings = await checkContracts(contracts);
  if (findings.breaches.length > 0) return findings;
  const { wanted } = await lookAt(contracts);
  await mkdir(join(folder, 'schemas'), { recursive: true });
  for (const { file, why } of findings.stale) {
    const text = wanted.get(file);
    if (why === 'left over' || text === undefined) await rm(join(folder, file));
    else await writeFile(join(folder, file), text);
  }
  return findings;
}

async function lookAt({ publications, folder, today }: ContractsIn): Promise<{
  readonly breaches: readonly Breach[];
  readonly wanted: ReadonlyMap<string, string>;
}> {
  // Its making refuses names that are taken twice and personal data where it may not be.
  new ContractBook(publications, '/guanxi/contracts');
  const before = await publishedIn(folder);
  return {
    breaches: breachesOf(before, publishedOf(publications, before), today),
    wanted: contractFiles(publications, before),
  };
}

async function publishedIn(folder: string): Promise<Published> {
  const file = join(folder, PUBLISHED_FILE);
  const text = await textOf(file);
  return text === undefined ? NOTHING_PUBLISHED : parsePublished(text, file);
}

async function textOf(file: string): Promise<string | undefined> {
  return existsSync(file) ? readFile(file, 'utf8') : undefined;
}

/** Schemas of contracts that are no longer published. */
async function leftOver(folder: string, wanted: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const schemas = join(folder, 'schemas');
  if (!existsSync(schemas)) return [];
  return (await readdir(schemas))
    .filter((name) => name.endsWith('.json'))
    .map((name) => `schemas/${name}`)
    .filter((file) => !wanted.has(file))
    .sort();
}
