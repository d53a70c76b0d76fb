import { isUnavailable } from '@guanxi/commanding';
import type { Wakeup } from '@guanxi/event-store';
import { DomainError } from '@guanxi/kernel';
import type { Answer, PolicyObserver } from './observer';
import type { Outbox, OutboxCommand, Refusal } from './outbox';

/** Sends a command as any sender would; it may have been sent before, under the same key. @throws DomainError */
export type SendCommand = (command: OutboxCommand) => Promise<void>;

/** Which shard's commands are this worker's to send. */
export interface SentShard {
  readonly generation: string;
  readonly shard: number;
  readonly policy: string;
}

/** What is to be done after a command was tried: take it out, all wait, its key waits, or nothing more. */
type Fate = 'answered' | 'away' | 'later' | 'done';

/** What a sender works with. */
export interface SenderParts {
  readonly outbox: Outbox;
  readonly send: SendCommand;
  /** Signalled when commands were written. */
  readonly wakeup: Wakeup;
  readonly warn: (message: string) => void;
  readonly observer?: PolicyObserver;
}

const PAGE_SIZE = 200;
/** Keys whose commands are under way at the same time; the commands of one key go one after the other. */
const SIDE_BY_SIDE = 8;
const LOOK_AGAIN_MILLISECONDS = 1_000;
const FIRST_WAIT_MILLISECONDS = 100;
const LONGEST_WAIT_MILLISECONDS = 10_000;
/** A command that fails so often for a reason that is no refusal, as by a fault of ours, is given up as refused. */
const MOST_ATTEMPTS = 12;

const waitAfter = (attempts: number): number =>
  Math.min(LONGEST_WAIT_MILLISECONDS, FIRST_WAIT_MILLISECONDS * 2 ** attempts);

/**
 * Sends the commands of some shards, those of a key in the order in which they were written. Each has an idempotency
 * key of its own: one that was sent and not taken out, because a worker died in between, has its first answer.
 */
export class Sender {
  /** Keys that wait after a failure, and until when by this process's steady clock. */
  private readonly waiting = new Map<string, number>();
  private failures = 0;

  constructor(
    private readonly parts: SenderParts,
    private readonly shards: readonly SentShard[],
  ) {}

  /** Sends until the signal comes. */
  async run(signal: AbortSignal): Promise<void> {
    const { outbox, wakeup } = this.parts;
    while (!signal.aborted) {
      const { ticket } = wakeup;
      const now = performance.now();
      for (const [key, until] of this.waiting) if (until <= now) this.waiting.delete(key);
      const commands = await outbox.next(this.shards, [...this.waiting.keys()], PAGE_SIZE);
      const away = await this.sendAll(commands, signal);
      this.failures = away ? this.failures + 1 : 0;
      if (away) await wakeup.wait(wakeup.ticket, waitAfter(this.failures), signal);
      else if (commands.length < PAGE_SIZE) await wakeup.wait(ticket, this.patience(), signal);
    }
  }

  /** How long to wait for more: no longer than until a key may be tried again. */
  private patience(): number {
    const next = Math.min(...this.waiting.values()) - performance.now();
    return Math.max(0, Math.min(LOOK_AGAIN_MILLISECONDS, next));
  }

  /** @returns true when the store is away or has too much to do, so that all must wait */
  private async sendAll(commands: readonly OutboxCommand[], signal: AbortSignal): Promise<boolean> {
    const queues = queuesOf(commands);
    const answered: OutboxCommand[] = [];
    let away = false;
    const work = async (): Promise<void> => {
      for (let queue = queues.shift(); queue; queue = queues.shift()) {
        for (const command of queue) {
          if (away || signal.aborted) return;
          const answer = await this.sendOne(command);
          if (answer === 'answered') answered.push(command);
          if (answer === 'away') away = true;
          if (answer === 'later') break;
        }
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    await this.parts.outbox.answered(answered);
    return away;
  }

  private async sendOne(command: OutboxCommand): Promise<Fate> {
    try {
      await this.parts.send(command);
    } catch (error) {
      return this.judge(command, error);
    }
    this.tell(command, 'accepted');
    return 'answered';
  }

  private async judge(command: OutboxCommand, error: unknown): Promise<Fate> {
    // Sent before with other words, as after a replay under changed circumstances: what was sent then stands.
    if (error instanceof DomainError && error.kind === 'mismatch') {
      this.tell(command, 'accepted');
      return 'answered';
    }
    const refusal = refusalOf(error, command.attempts + 1);
    if (refusal) {
      await this.parts.outbox.refused(command, this.policyOf(command), refusal);
      this.parts.warn(
        `${command.command} of policy ${this.policyOf(command)} was refused: ${refusal.code}; guanxi timers refused ` +
          'shows it',
      );
      this.tell(command, 'refused');
      return 'done';
    }
    this.tell(command, 'again');
    if (isAway(error)) return 'away';
    await this.parts.outbox.failed(command, error instanceof Error ? error.message : String(error));
    this.waiting.set(command.key, performance.now() + waitAfter(command.attempts));
    return 'later';
  }

  private policyOf({ generation }: OutboxCommand): string {
    return this.shards.find((shard) => shard.generation === generation)?.policy ?? generation;
  }

  private tell(command: OutboxCommand, answer: Answer): void {
    this.parts.observer?.sent(this.policyOf(command), command.command, answer);
  }
}

/** The commands of each key, in their order. */
function queuesOf(commands: readonly OutboxCommand[]): (readonly OutboxCommand[])[] {
  const queues = new Map<string, OutboxCommand[]>();
  for (const command of commands) {
    const own = queues.get(command.key);
    if (own) own.push(command);
    else queues.set(command.key, [command]);
  }
  return [...queues.values()];
}

/** True for what says nothing about the command: it is to be sent again when the store is there and has room. */
const isAway = (error: unknown): boolean =>
  error instanceof DomainError
    ? error.kind === 'overloaded' || error.kind === 'unavailable'
    : isUnavailable(error);

function refusalOf(error: unknown, attempts: number): Refusal | undefined {
  if (isAway(error)) return undefined;
  const isRefused = error instanceof DomainError && error.code !== 'command.contended';
  if (!isRefused && attempts < MOST_ATTEMPTS) return undefined;
  if (error instanceof DomainError) return { code: error.code, message: error.message };
  return { code: 'policy.fault', message: error instanceof Error ? error.message : String(error) };
}
