import type { CommandMeta, RecordedEvent } from '@guanxi/kernel';
import { event } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import { WrongExpectedRevision } from './errors';
import { newId } from './ids';
import { metadataOf } from './metadata';
import type { Outcome } from './outcome';
import { requireSame } from './outcome';
import type { EventStore, StreamWrite } from './port';

/** That a command which its caller may repeat found nothing to change: its first answer, kept for the repeat. */
export const commandUnchanged = event(
  'command-unchanged.v1',
  Type.Object(
    {
      stream: Type.String(),
      revision: Type.Integer({ minimum: -1 }),
      position: Type.String({ pattern: '^\\d+$' }),
    },
    { additionalProperties: false },
  ),
);

/** The first answers of commands that changed nothing, each in a stream named after the command. */
export class UnchangedCommands {
  constructor(private readonly store: EventStore) {}

  /** What must hold when a command writes: that it was not answered before as one that changes nothing. */
  conditionOf(meta: CommandMeta): StreamWrite {
    return { stream: streamOf(meta), expected: 'new', events: [] };
  }

  /** True when an append was refused because the command had been answered before. */
  isAnswered(refusal: WrongExpectedRevision, meta: CommandMeta): boolean {
    return refusal.stream === streamOf(meta);
  }

  /** Keeps the first answer; a command that already has one gets that. @throws DomainError `command.reused-id` */
  async answer(outcome: Outcome, meta: CommandMeta): Promise<Outcome> {
    const { stream, revision, position } = outcome;
    const note = {
      id: newId(),
      type: commandUnchanged.type,
      occurredAt: meta.now,
      data: { stream, revision, position: String(position) },
    };
    const write: StreamWrite = { stream: streamOf(meta), expected: 'new', events: [note] };
    try {
      await this.store.append([write], metadataOf(meta, 0));
      return outcome;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      return this.firstAnswer(meta);
    }
  }

  /** @throws DomainError `command.reused-id` */
  async firstAnswer(meta: CommandMeta): Promise<Outcome> {
    const [note] = await this.store.readStream(streamOf(meta), { limit: 1 });
    if (!note) throw new Error(`${streamOf(meta)} is neither empty nor has an event`);
    requireSame(note.metadata, meta);
    return outcomeIn(note);
  }
}

function outcomeIn({ data }: RecordedEvent): Outcome {
  const { stream, revision, position } = data;
  return {
    status: 'unchanged',
    stream: String(stream),
    revision: Number(revision),
    position: BigInt(String(position)),
    events: [],
    repeated: true,
  };
}

const streamOf = ({ commandId }: CommandMeta): string => `unchanged-${commandId}`;
