import type { Command } from 'commander';
import type { Act } from '../session';
import { diffCommand } from './projections-diff';
import { explainCommand } from './projections-explain';
import { lookCommands } from './projections-look';
import { rebuildCommand } from './projections-rebuild';
import { switchCommands } from './projections-switch';

/** `guanxi projections ...`: each sub-command is a file of its own. */
export function projectionsCommand(program: Command, act: Act): void {
  const projections = program
    .command('projections')
    .description(
      'the read models: how far they are, what is behind a row, rebuild, compare and switch; in the PostgreSQL of DATABASE_URL or the embedded one',
    );
  for (const add of SUB_COMMANDS) add(projections, act);
}

/** Each adds its own sub-commands. */
const SUB_COMMANDS: readonly ((projections: Command, act: Act) => void)[] = [
  lookCommands,
  rebuildCommand,
  diffCommand,
  switchCommands,
  explainCommand,
];
