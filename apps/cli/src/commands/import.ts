import type { Command } from 'commander';
import { Client } from '../client/client';
import { dataDirOf, serverSettings } from '../client/settings';
import { WrongUse } from '../failures';
import { importKinds } from '../import/types';
import type { Act } from '../session';
import { countedInWords, untilCounted } from './counted';

interface Options {
  readonly map: string;
  readonly dryRun?: true;
  readonly resume?: true;
  readonly errors?: string;
}

/** `guanxi import KIND FILE… --map MAPPING.yaml` */
export function importCommand(program: Command, act: Act): void {
  program
    .command('import')
    .description('take over records from CSV, NDJSON or table files; a second run adds nothing')
    .argument('<kind>', importKinds.join(', '))
    .argument('<files...>', 'the files, in order; .gz as well')
    .requiredOption('--map <file>', 'the mapping (YAML); examples/mappings holds ready ones')
    .option('--dry-run', 'map and check everything, send nothing')
    .option('--resume', 'go on where an interrupted import of the same files stopped')
    .option('--errors <file>', 'write each row problem to this file (NDJSON)')
    .action((kind: string, files: string[], options: Options) =>
      act(async ({ env, screen, interruption }) => {
        if (![...importKinds, 'responses'].includes(kind)) {
          throw new WrongUse(`${kind} is no kind of record; known: ${importKinds.join(', ')}`);
        }
        const { runImport } = await import('../import');
        const { url, apiKey } = serverSettings(env);
        const signal = interruption();
        const summary = await runImport({
          ...{
            kind,
            files,
            url,
            screen,
            signal,
            mappingFile: options.map,
            dataDir: dataDirOf(env),
          },
          ...(apiKey === undefined ? {} : { apiKey }),
          ...(options.dryRun ? { dryRun: true } : {}),
          ...(options.resume ? { resume: true } : {}),
          ...(options.errors === undefined ? {} : { errorsFile: options.errors }),
        });
        const { read, accepted, unchanged, rejected, seconds } = summary;
        const client = new Client({ url, apiKey });
        const counted = options.dryRun
          ? undefined
          : await untilCounted(() => client.readiness(), { screen, signal });
        return {
          json: { ...summary, ...counted },
          text: `${options.dryRun ? 'dry run, nothing sent: ' : ''}${String(read)} read: ${String(accepted)} ${options.dryRun ? 'could be sent' : 'accepted'}, ${String(unchanged)} unchanged, ${String(rejected)} rejected, in ${seconds.toFixed(1)} s${countedInWords(counted)}`,
          failed: rejected > 0 && accepted + unchanged === 0,
        };
      }),
    );
}
