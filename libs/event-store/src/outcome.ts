import type { CommandMeta } from '@guanxi/kernel';
import { DomainError } from '@guanxi/kernel';
import type { History } from './history';

/** What became of a command. A repeat of an earlier command carries that command's outcome. */
export interface Outcome {
  readonly status: 'accepted' | 'unchanged';
  readonly stream: string;
  /** Revision of the stream's last event after the command; -1 for a stream that has none. */
  readonly revision: number;
  /** Position of the command's last event, or of the stream's last one when nothing changed. */
  readonly position: bigint;
  readonly events: readonly string[];
  /** True when this command id had already been carried out and nothing was done now. */
  readonly repeated: boolean;
}

/** The outcome of a command that a stream already holds. @throws DomainError `command.reused-id` */
export function earlierOutcome(
  stream: string,
  history: History<unknown>,
  meta: CommandMeta,
): Outcome | undefined {
  const own = history.eventsOf(meta.commandId);
  const last = own.at(-1);
  if (!last) return undefined;
  requireSame(last.metadata, meta);
  return {
    status: 'accepted',
    stream,
    revision: last.revision,
    position: last.position,
    events: own.map(({ type }) => type),
    repeated: true,
  };
}

/** The outcome of a command that found nothing to change. */
export function unchangedOutcome(stream: string, { last }: History<unknown>): Outcome {
  return {
    status: 'unchanged',
    stream,
    revision: last?.revision ?? -1,
    position: last?.position ?? 0n,
    events: [],
    repeated: false,
  };
}

/** Holds that a command of the same id is the same command. @throws DomainError `command.reused-id` */
export function requireSame(
  earlier: { readonly command: string; readonly commandHash: string },
  { commandHash }: CommandMeta,
): void {
  if (earlier.commandHash === commandHash) return;
  throw new DomainError(
    'command.reused-id',
    'mismatch',
    'this idempotency key was used for a command with other content',
    { command: earlier.command },
  );
}
