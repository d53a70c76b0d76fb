import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetUpError } from '../scripts/project.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));

/** Lists that settings of one's own add to: the broker's own listeners stay. */
const LISTS = ['listeners', 'advertised.listeners', 'listener.security.protocol.map'];
const MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

/**
 * What stands in the broker's file of settings: ours, where it listens, and whatever somebody wants beside that.
 *
 * @param {{ dir: string, port: number, controllerPort: number, own?: string }} about own: a file of the same form
 * @returns {string}
 */
export function settingsText({ dir, port, controllerPort, own }) {
  const added = own === undefined ? [] : settingsIn(own);
  const places = {
    listeners: `INTERNAL://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `INTERNAL://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'log.dirs': join(dir, 'data').replaceAll('\\', '/'),
  };
  for (const [name, value] of added) if (LISTS.includes(name)) places[name] += `,${value}`;
  const rest = added.filter(([name]) => !LISTS.includes(name));
  const lines = [...Object.entries(places), ...rest].map(([name, value]) => `${name}=${value}`);
  return `${readFileSync(join(HERE, 'server.properties'), 'utf8')}\n${lines.join('\n')}\n`;
}

function settingsIn(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new SetUpError(`--settings ${file} can't be read (${error.message}).`, 2);
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]);
}

/**
 * What the tool that readies a broker's directory wants to hear of a user.
 *
 * @param {string} user NAME:PASSWORD
 * @returns {readonly string[]}
 */
export function scramArguments(user) {
  const split = user.indexOf(':');
  const [name, password] = [user.slice(0, split), user.slice(split + 1)];
  return MECHANISMS.flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${name},password=${password}]`,
  ]);
}
