import type { Command } from 'commander';
import { Failure } from '../failures';
import { messageOf } from '../import/types';
import type { Act } from '../session';

/** `guanxi migrate` */
export function migrateCommand(program: Command, act: Act): void {
  program
    .command('migrate')
    .description(
      'bring the PostgreSQL of DATABASE_URL up to date; the embedded one is brought so at each start',
    )
    .action(() =>
      act(async ({ env }) => {
        const url = env['DATABASE_URL'] ?? '';
        if (url === '') {
          throw new Failure(
            'database.unnamed',
            'DATABASE_URL names no PostgreSQL; the embedded one needs no migrate',
          );
        }
        const { DatabaseError, migrate } = await import('@guanxi/platform');
        try {
          await migrate(url);
        } catch (error) {
          throw new Failure(
            error instanceof DatabaseError ? error.code : 'database.migration',
            messageOf(error),
          );
        }
        return { json: { migrated: true }, text: 'the database is up to date' };
      }),
    );
}
