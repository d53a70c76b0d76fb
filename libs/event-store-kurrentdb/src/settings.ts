import { invalid } from '@guanxi/kernel';

/** What is known from a connection string before anybody is called. */
export interface KurrentSettings {
  /** The string as the client gets it. Secret: it may hold a password. */
  readonly connectionString: string;
  /** Milliseconds until a call counts as lost. */
  readonly deadline: number;
}

const SCHEME = /^(?:esdb|kurrentdb|kurrent|kdb)(?:\+discover)?:\/\//;
const DEFAULT_DEADLINE = 10_000;
const LONGEST_DEADLINE = 600_000;

/** Options that the store decides for itself; the client takes any spelling of case, `-` and `_`. */
const DROPPED = new Set(['throwonappendfailure']);

const broken = (rule: string): Error =>
  invalid('event-store.connection-string', `the KurrentDB connection string ${rule}`);

/**
 * Reads a connection string. No message repeats any of its text.
 * @throws DomainError `event-store.connection-string` for another scheme, no host, or an option that cannot hold here
 */
export function readSettings(text: string): KurrentSettings {
  const trimmed = text.trim().replace(/\/+$/, '');
  if (!SCHEME.test(trimmed)) throw broken('must begin with kurrentdb:// or kurrentdb+discover://');
  const [address = '', query = '', ...more] = trimmed.split('?');
  if (more.length > 0) throw broken('has more than one question mark; write one in a password as %3F');
  const [scheme = '', rest = ''] = address.split('://');
  const at = rest.lastIndexOf('@');
  if (rest.slice(at + 1) === '') throw broken('must name a host');
  const options = query.split('&').filter((option) => option !== '');
  const kept = options.filter((option) => !DROPPED.has(nameOf(option)));
  for (const option of kept) check(option);
  if (at >= 0) checkCredentials(rest.slice(0, at));
  const search = kept.length === 0 ? '' : `?${kept.join('&')}`;
  return {
    connectionString: `${scheme}://${rest}${search}`,
    deadline: deadlineOf(kept),
  };
}

const nameOf = (option: string): string => (option.split('=')[0] ?? '').toLowerCase().replace(/[_-]/g, '');

const valueOf = (option: string): string => option.slice(option.indexOf('=') + 1).trim();

function check(option: string): void {
  if (!/^[^=]+=./.test(option)) throw broken('has an option without a value');
  const name = nameOf(option);
  if (name === 'nodepreference' && valueOf(option).toLowerCase() !== 'leader') {
    throw broken('must leave nodePreference at leader: only the leader has what was just written');
  }
}

/** Name and password are the client's to read; it would take a broken pair for a part of the host. */
function checkCredentials(text: string): void {
  if (!/^[^:]+:[^:]+$/.test(text)) throw broken('must give credentials as name:password, percent-encoded');
  try {
    decodeURIComponent(text);
  } catch {
    throw broken('holds a percent sign that encodes nothing; write it as %25');
  }
}

function deadlineOf(options: readonly string[]): number {
  const option = options.find((one) => nameOf(one) === 'defaultdeadline');
  if (option === undefined) return DEFAULT_DEADLINE;
  const deadline = Number(valueOf(option));
  if (!Number.isSafeInteger(deadline) || deadline <= 0)
    throw broken('must give defaultDeadline in whole milliseconds');
  return Math.min(deadline, LONGEST_DEADLINE);
}
