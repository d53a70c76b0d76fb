import type { Instant } from '@guanxi/kernel';
import type { Sent } from './history/command-path';
import { specOf } from './history/command-path';
import type { Played } from './history/play';

/** A question whose answer was wrong, in words that anybody can send again. */
export interface Wrong {
  /** What is wrong, in a line. */
  readonly what: string;
  /** Route with its parameters but the moments; absent where a read model's rows are wrong. */
  readonly path?: string;
  readonly asOf?: Instant;
  readonly asKnownAt?: Instant;
  /** The last position that was known; absent: all of them. */
  readonly position?: bigint;
}

const THEN = '# then, when what stands above was answered, note the time as KNOWN, and send';

/**
 * A history as the commands that make it again: lines for `POST /v1/commands` as NDJSON, each saying when it happened,
 * so that they can be sent at any later time, and the question. Where something was learned after the moment of
 * knowledge, a remark stands between what was known and the rest: the time at which it is reached on the server that
 * reproduces it is the `asKnownAt` to ask with.
 */
export function reproduction({ sent, log }: Played, wrong: Wrong): string {
  const lines = sent
    .filter(({ status }) => status === 'accepted')
    .map((each) => ({ line: JSON.stringify(lineOf(each, log)), position: each.position }));
  const { position } = wrong;
  const known = lines.filter((each) => position === undefined || each.position <= position);
  const later = lines.slice(known.length);
  const asKnownAt = later.length > 0 ? 'KNOWN' : undefined;
  const text = [
    `# ${wrong.what}`,
    '# send to POST /v1/commands as application/x-ndjson',
    ...known.map(({ line }) => line),
    ...(later.length > 0 ? [THEN, ...later.map(({ line }) => line)] : []),
  ];
  if (wrong.path !== undefined) {
    text.push('# ask', `GET ${withMoments(wrong.path, { asOf: wrong.asOf, asKnownAt })}`);
  }
  if (wrong.asKnownAt !== undefined) text.push(`# here asKnownAt was ${wrong.asKnownAt}`);
  return text.join('\n');
}

/** The commands of a printed reproduction. */
export const commandsIn = (text: string): readonly Sent['line'][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Sent['line']);

/** The command with the moment of which it spoke, also where it said none, or one ahead of the clock. */
function lineOf({ line, at, position }: Sent, log: Played['log']): Sent['line'] {
  const { command, id, data } = line;
  const last = log.find((event) => event.position === position)?.occurredAt ?? at;
  const unsaid = specOf(command).mayPredate ? at : last;
  const occurredAt = line.occurredAt === undefined ? unsaid : line.occurredAt < at ? line.occurredAt : at;
  return { command, id, occurredAt, data };
}

function withMoments(
  path: string,
  moments: { readonly asOf: string | undefined; readonly asKnownAt: string | undefined },
): string {
  const said = Object.entries(moments).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  return said.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${said.join('&')}`;
}
