import type { Outcome } from '@guanxi/event-store';
import type { Tells } from '../command-aside';
import type { CommandSpec } from '../command-spec';

/** What became of a command, as callers get it. */
export interface CommandAnswer {
  readonly id: string;
  /** Revision of the stream's last event after the command. */
  readonly revision: number;
  /** Position in the log; decimal string. */
  readonly position: string;
  readonly events: readonly string[];
  readonly status: 'accepted' | 'unchanged';
}

/** The answer to an outcome; a repeat gets the very answer of the first time. */
export const answerOf = ({
  id,
  revision,
  position,
  events,
  status,
  tells,
}: Outcome & Tells & { id: string }): CommandAnswer => ({
  ...tells,
  id,
  revision,
  position: String(position),
  events,
  status,
});

/** True for an accepted command that made a new stream: 201 with its location. */
export const isCreated = ({ verb }: CommandSpec, { status }: CommandAnswer): boolean =>
  verb === undefined && status === 'accepted';
