import type { Command } from 'commander';
import type { ContractFindings, StaleFile } from '@guanxi/publishing';
import type { Act, Result } from '../session';

const FOLDER = 'docs/contracts';

/** `guanxi contracts write|check`: the promises to those who read public events, as files. */
export function contractsCommand(program: Command, act: Act): void {
  const contracts = program
    .command('contracts')
    .description(
      'public contracts of a working copy of the sources: schemas, asyncapi.yaml, and a page for people',
    );
  contracts
    .command('write')
    .description('generate the files anew; refused where that would break what was published')
    .argument('[folder]', 'where they are', FOLDER)
    .action((folder: string) => act(() => write(folder)));
  contracts
    .command('check')
    .description('refuse what breaks a published contract, and files that are out of date')
    .argument('[folder]', 'where they are', FOLDER)
    .action((folder: string) => act(() => check(folder)));
}

async function write(folder: string): Promise<Result> {
  const { writeContracts } = await import('@guanxi/publishing');
  const findings = await writeContracts(await contractsIn(folder));
  const { breaches, stale } = findings;
  if (breaches.length > 0)
    return { json: findings, text: `${broken(findings)}\nNothing was written.`, failed: true };
  const text =
    stale.length === 0
      ? `${folder} is as the code has it.`
      : [...stale.map(({ file, why }) => `${folder}/${file} ${WRITTEN[why]}`), 'Commit them.'].join('\n');
  return { json: findings, text };
}

async function check(folder: string): Promise<Result> {
  const { checkContracts } = await import('@guanxi/publishing');
  const findings = await checkContracts(await contractsIn(folder));
  const { breaches, stale } = findings;
  if (breaches.length === 0 && stale.length === 0)
    return { json: findings, text: `No published contract is broken, and ${folder} is as the code has it.` };
  const lines = [
    ...(breaches.length > 0 ? [broken(findings)] : []),
    ...stale.map(({ file, why }) => `${folder}/${file} is ${why}.`),
    // Files are not written as long as a promise is broken.
    ...(stale.length > 0 && breaches.length === 0
      ? ['Write them with: npm run contracts, and commit them.']
      : []),
  ];
  return { json: findings, text: lines.join('\n'), failed: true };
}

async function contractsIn(folder: string) {
  const { contexts } = await import('@guanxi/contexts');
  const publications = contexts.flatMap(({ publishes = [] }) => publishes);
  return { publications, folder, today: new Date().toISOString().slice(0, 10) };
}

const broken = ({ breaches }: ContractFindings): string =>
  ['Published contracts are broken:', ...breaches.map(({ message }) => `- ${message}`)].join('\n');

const WRITTEN: Readonly<Record<StaleFile['why'], string>> = {
  missing: 'is new.',
  'out of date': 'was written anew.',
  'left over': 'was taken away: its contract is no longer published.',
};
