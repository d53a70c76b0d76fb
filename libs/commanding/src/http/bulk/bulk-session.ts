import type { Outcome } from '@guanxi/event-store';
import { DomainError } from '@guanxi/kernel';
import type { CommandCatalogue } from '../../command-catalogue';
import type { Tells } from '../../command-aside';
import type { CommandGateway } from '../../command-gateway';
import type { CommandAnswer } from '../command-answer';
import type { Principal } from '../principal';
import { requireRole } from '../principal';
import { problemOf } from '../problem';
import { parseLine, problemOfLine, readLine } from './bulk-line';
import type { Line } from './lines';
import { isBlank, linesOf } from './lines';
import type { Place } from './ordered-answers';
import { OrderedAnswers } from './ordered-answers';
import { StreamOrder } from './stream-order';
import { untilAborted } from './until-aborted';

/**
 * Commands of one call that may be under way or wait for an earlier one's answer: several groups of the event store,
 * so that lines are read and checked while a group is being written.
 */
const WINDOW = 1_024;

/** What a bulk call works with. */
export interface BulkSurroundings {
  readonly catalogue: CommandCatalogue;
  readonly gateway: CommandGateway;
  readonly principal: Principal;
  readonly correlationId: string;
  /** Gets what is a fault of ours, not a refusal. */
  readonly onFault: (error: unknown) => void;
  /** Aborted when no further line is to be begun. */
  readonly stopping: AbortSignal;
}

/** One bulk call: lines in, answers out in the same order, a bounded number of commands in between. */
export class BulkSession {
  private readonly order = new StreamOrder();
  private readonly answers: OrderedAnswers;
  private number = 0;

  /** @param write takes a piece of the answer; resolves when more may be written */
  constructor(
    private readonly by: BulkSurroundings,
    write: (piece: string) => Promise<void> | undefined,
  ) {
    this.answers = new OrderedAnswers(WINDOW, write);
  }

  /** Resolves when every line that was read is answered; rejects when the input breaks off. */
  async run(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const lines of linesOf(untilAborted(chunks, this.by.stopping))) {
        for (const line of lines) {
          this.number += 1;
          if (line !== 'too-long' && isBlank(line)) continue;
          for (let room = this.answers.room(); room; room = this.answers.room()) await room;
          this.take(line, this.number);
        }
      }
      if (this.by.stopping.aborted) this.refuse(this.answers.ask(), { line: this.number + 1 }, stopping());
    } finally {
      await this.answers.ended();
    }
  }

  private take(line: Line, number: number): void {
    const place = this.answers.ask();
    const { catalogue, gateway, principal, correlationId } = this.by;
    const { actor, tenant } = principal;
    const asked: Asked = { line: number };
    try {
      if (this.by.stopping.aborted) throw stopping();
      const fields = parseLine(line);
      asked.key = fields['key'];
      const { spec, sent } = readLine(fields, catalogue);
      asked.isRead = true;
      requireRole(principal, [spec.role]);
      const prepared = gateway.prepare(spec, sent, { actor, tenant, correlationId });
      const needs = prepared.references.map(({ stream }) => stream);
      this.order
        .run(prepared.stream, needs, () => prepared.execute())
        .then(
          (outcome) => {
            this.answers.answer(place, acceptedLine(asked.key, prepared.id, outcome));
          },
          (error: unknown) => {
            this.refuse(place, asked, error);
          },
        );
    } catch (error) {
      this.refuse(place, asked, error);
    }
  }

  private refuse(place: Place, { line, key, isRead = false }: Asked, error: unknown): void {
    if (!(error instanceof DomainError)) this.by.onFault(error);
    const problem = problemOfLine(problemOf(error), line, isRead);
    this.answers.answer(place, `${JSON.stringify({ ...keyOf(key), status: 'refused', line, problem })}\n`);
  }
}

/** What is known of a line so far. */
interface Asked {
  readonly line: number;
  key?: unknown;
  /** True once the line itself was in order: what is wrong then is wrong in what it carries. */
  isRead?: boolean;
}

/** The command's answer behind its key, in one object: there are many of them. */
function acceptedLine(key: unknown, id: string, outcome: Outcome & Tells): string {
  const { revision, position, events, repeated, tells } = outcome;
  const answer: CommandAnswer & { readonly key?: string } = {
    ...(typeof key === 'string' ? { key, id } : { id }),
    revision,
    position: String(position),
    events,
    status: repeated ? 'unchanged' : outcome.status,
  };
  return `${JSON.stringify(tells ? { ...answer, ...tells } : answer)}\n`;
}

const keyOf = (key: unknown): { readonly key?: string } => (typeof key === 'string' ? { key } : {});

const stopping = (): DomainError =>
  new DomainError(
    'server.stopping',
    'overloaded',
    'the server is being stopped; this line and all behind it were not begun, send them again',
  );
