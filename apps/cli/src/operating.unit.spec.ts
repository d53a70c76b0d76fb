import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ran } from './testing/ran';

const read = (file: string): string => readFileSync(join(__dirname, '../../..', file), 'utf8');
const inWords = (text: string): string => text.replaceAll(/\{\{[^}]*\}\}/g, 'ID').replaceAll(/\s+/g, ' ');

/** Commands as they are quoted in texts for operators: in quotes, between backticks, or a line of an example. */
const named = [
  ...[...inWords(read('infra/prometheus/guanxi.rules.yml')).matchAll(/"guanxi ([^"]+)"/g)],
  ...[...read('docs/guides/operating.md').matchAll(/`guanxi ([^`]+)`/g)],
  ...[...read('docs/guides/operating.md').matchAll(/^guanxi (.+?)(?: {2,}.*)?$/gm)],
].map(([, command = '']) => command);
const commands = [...new Set(named)].sort();

it('finds commands to look at', () => {
  expect(commands).toEqual(expect.arrayContaining(['health', 'dead-letters retry --all']));
  expect(commands.length).toBeGreaterThan(12);
});

it.each(commands)('guanxi %s is a command with such options', async (command) => {
  const [name = '', ...rest] = command.split(' ');
  const path = /^[a-z-]+$/.test(rest[0] ?? '') ? [name, rest[0] ?? ''] : [name];
  const help = await ran([...path, '--help']);
  expect(help).toMatchObject({ code: 0, out: expect.stringContaining(`Usage: guanxi ${path.join(' ')}`) });
  for (const option of rest.filter((word) => word.startsWith('--'))) expect(help.out).toContain(option);
});
