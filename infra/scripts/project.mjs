import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's directory. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Messages of the set-up go to stderr: stdout belongs to the command. */
export const say = (line) => console.error(line);

/** The set-up can't go on; the message says why, without a stack. */
export class SetUpError extends Error {
  /** @param {string} message @param {number} exitCode */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a script of Node to its end, with what it prints on stderr. It gets the signals that this process gets.
 *
 * @param {readonly string[]} command arguments of Node, or a program where `program` is given
 * @param {string} program
 * @returns {Promise<number>} its exit code
 */
export function runChild(command, program = process.execPath) {
  return new Promise((resolve, reject) => {
    const shell = program !== process.execPath && process.platform === 'win32';
    const child = spawn(program, command, { cwd: ROOT, stdio: ['ignore', 2, 2], shell });
    const forward = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const settle = () => {
      for (const signal of signals) process.off(signal, forward);
    };
    child.once('error', (error) => {
      settle();
      reject(new SetUpError(`${program} can't be run: ${error.message}`));
    });
    child.once('exit', (code, signal) => {
      settle();
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
