import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { catalogueCommand } from './commands/catalogue';
import { contractsCommand } from './commands/contracts';
import { deadLettersCommand } from './commands/dead-letters';
import { demoCommand } from './commands/demo';
import { getCommand } from './commands/get';
import { healthCommand } from './commands/health';
import { importCommand } from './commands/import';
import { keysCommand } from './commands/keys';
import { migrateCommand } from './commands/migrate';
import { projectionsCommand } from './commands/projections';
import { publishCommand } from './commands/publish';
import { queryCommands } from './commands/queries';
import { replayCommand } from './commands/replay';
import { sendCommand } from './commands/send';
import { simulateCommand } from './commands/simulate';
import { storeCommand } from './commands/store';
import { timersCommand } from './commands/timers';
import { webhooksCommand } from './commands/webhooks';
import { Failure, Refusal, WrongUse } from './failures';
import type { Screen } from './import/report';
import { ImportFailure, isRecord, messageOf } from './import/types';
import { refusalInWords } from './refusal-words';
import type { Act, Session } from './session';

/** What the process gives the command line client. */
export interface Shell {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Screen;
  readonly stderr: Screen;
  /** Takes Ctrl-C over from the system. */
  readonly interruption: () => AbortSignal;
}

const DONE = 0;
const FAILED = 1;
const WRONG_USE = 2;

/**
 * Runs one command. The result goes to stdout, all else to stderr; with --json the last line of stdout is the result,
 * or what went wrong, as JSON.
 *
 * @param argv the arguments behind `guanxi`
 * @returns the exit code: 0 done, 1 refused or failed, 2 wrong use
 */
export async function run(argv: readonly string[], shell: Shell): Promise<number> {
  const { stdout, stderr } = shell;
  let code = DONE;
  const json = argv.includes('--json');
  const session: Session = {
    env: shell.env,
    screen: stderr,
    interruption: shell.interruption,
    tell: (text) => (json ? stderr : stdout).write(`${text}\n`),
  };
  const act: Act = async (body) => {
    const { json: result, text, failed, afterwards } = await body(session);
    if (json) stdout.write(`${JSON.stringify(result)}\n`);
    else if (text !== undefined) stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    if (failed) code = FAILED;
    await afterwards?.();
  };
  const program = createProgram(act, shell);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    const wrong = error instanceof CommanderError || error instanceof WrongUse;
    if (error instanceof CommanderError && error.exitCode === DONE) return DONE;
    if (error instanceof WrongUse) stderr.write(`error: ${error.message}\n\n${helpOf(program, argv)}`);
    else if (!wrong) stderr.write(`${inWords(error)}\n`);
    if (json) stdout.write(`${JSON.stringify({ error: forMachines(error) })}\n`);
    return wrong ? WRONG_USE : FAILED;
  }
}

/** All commands; each is a file of its own. */
export function createProgram(act: Act, { stdout, stderr }: Pick<Shell, 'stdout' | 'stderr'>): Command {
  const program = new Command('guanxi')
    .description(
      'Customer management on events: send commands, ask for figures as of any moment, import, simulate.',
    )
    .option('--json', 'one machine-readable result as the last line on stdout; all else on stderr')
    .version(version(), '--version', 'print the version')
    .helpCommand('help [command]', 'explain a command')
    .exitOverride()
    .showHelpAfterError()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .addHelpText('after', ENVIRONMENT);
  for (const add of [importCommand, sendCommand, catalogueCommand, queryCommands, getCommand])
    add(program, act);
  for (const add of [healthCommand, keysCommand, migrateCommand, storeCommand, simulateCommand, demoCommand])
    add(program, act);
  for (const add of [projectionsCommand, replayCommand, deadLettersCommand, timersCommand]) add(program, act);
  webhooksCommand(program, act);
  contractsCommand(program, act);
  publishCommand(program, act);
  return program;
}

const ENVIRONMENT = `
Environment:
  GUANXI_URL       where the server is (http://127.0.0.1:3000)
  GUANXI_API_KEY   the key (that of admin.key in the data directory)
  GUANXI_DATA_DIR  the data directory (.guanxi)

Exit code: 0 done, 1 refused or failed, 2 wrong use.`;

function helpOf(program: Command, argv: readonly string[]): string {
  const [name, subName] = argv.filter((word) => !word.startsWith('-'));
  const command = commandNamed(program, name);
  return (commandNamed(command, subName) ?? command ?? program).helpInformation();
}

const commandNamed = (parent: Command | undefined, word: string | undefined): Command | undefined =>
  parent?.commands.find((each) => word !== undefined && [each.name(), ...each.aliases()].includes(word));

function inWords(error: unknown): string {
  if (error instanceof Refusal) return refusalInWords(error);
  if (error instanceof Failure || error instanceof ImportFailure) return `${error.message} (${error.code})`;
  return `failed: ${messageOf(error)}`;
}

function forMachines(error: unknown): object {
  if (error instanceof Refusal) return { ...error.problem, code: error.code, message: error.message };
  if (error instanceof Failure || error instanceof ImportFailure)
    return { code: error.code, message: error.message };
  const code = error instanceof CommanderError || error instanceof WrongUse ? 'wrong-use' : 'failed';
  return { code, message: messageOf(error).replace(/^error: /, '') };
}

/** The version of the package that this file belongs to, built or not. */
function version(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const about: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isRecord(about) && typeof about['version'] === 'string') return about['version'];
  }
  return 'unknown';
}
