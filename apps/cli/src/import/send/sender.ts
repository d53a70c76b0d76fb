import { setTimeout as delay } from 'node:timers/promises';
import { ImportFailure, type Fact } from '../types';
import { parseAnswer, type Answer } from './answers';
import { BulkRequest, Interrupted } from './bulk-request';

/** What became of a fact, once all of its commands are answered. */
export interface Outcome {
  readonly status: 'accepted' | 'unchanged' | 'refused';
  readonly commandsAccepted: number;
  readonly refusal?: NonNullable<Answer['problem']>;
  /** A refused command that only ensured something and did not decide. */
  readonly ensureRefusal?: NonNullable<Answer['problem']>;
}

export interface SenderOptions {
  readonly url: string;
  readonly apiKey: string;
  /** Commands that may be on their way without an answer. */
  readonly window: number;
  readonly linesPerRequest: number;
  /** How long to go on without any progress before giving up. */
  readonly patienceMs: number;
  readonly onOutcome: (fact: Fact, outcome: Outcome) => void;
  /** Told when the connection broke and will be tried again. */
  readonly onInterruption: (message: string) => void;
}

interface Progress {
  readonly fact: Fact;
  left: number;
  accepted: number;
  refusal?: NonNullable<Answer['problem']>;
  ensureRefusal?: NonNullable<Answer['problem']>;
}

interface Pending {
  readonly text: string;
  readonly key: string;
  readonly ensures: boolean;
  readonly progress: Progress;
}

/** Refusals that say nothing about the command: too many, not now, not yet. */
const passing: ReadonlySet<number> = new Set([429, 503, 504]);
const requestMs = 60_000;
const longestPauseMs = 5_000;
const writeChars = 64 * 1024;

/** Sends facts in their order through the bulk route and survives a lost connection or a restarted server. */
export class Sender {
  private readonly queue: Pending[] = [];
  private head = 0;
  private sent = 0;
  private closing = false;
  private failure: Error | undefined;
  private lastProgress = Date.now();
  private pauseMs = 100;
  private notifyRoom: () => void = () => undefined;
  private notifyWork: () => void = () => undefined;
  private running: Promise<void> | undefined;
  private current: BulkRequest | undefined;

  constructor(private readonly options: SenderOptions) {}

  /** Queues a fact; ask for `room` before the next batch. */
  offer(fact: Fact): void {
    const progress: Progress = { fact, left: fact.commands.length, accepted: 0 };
    for (const { line, ensures } of fact.commands) {
      this.queue.push({ text: `${JSON.stringify(line)}\n`, key: line.key, ensures, progress });
    }
    this.running ??= this.run();
    this.notifyWork();
  }

  /** Settles when fewer commands than the window allows lack an answer. @throws what ended the sending */
  async room(): Promise<void> {
    while (!this.failure && this.queue.length - this.head > this.options.window) {
      await new Promise<void>((resolve) => {
        this.notifyRoom = resolve;
      });
    }
    if (this.failure) throw this.failure;
  }

  /** Settles when everything is answered. @throws what ended the sending */
  async finish(): Promise<void> {
    this.closing = true;
    this.notifyWork();
    await this.running;
    if (this.failure) throw this.failure;
  }

  /** Gives up what is on its way. */
  stop(error: Error): void {
    this.failure ??= error;
    this.current?.abort(error);
    this.notifyWork();
    this.notifyRoom();
  }

  private get unanswered(): number {
    return this.queue.length - this.head;
  }

  private async run(): Promise<void> {
    this.lastProgress = Date.now();
    while (!this.failure && (this.unanswered > 0 || !this.closing)) {
      try {
        if (this.unanswered === 0) await this.work();
        else await this.oneRequest();
      } catch (error) {
        if (error instanceof Interrupted) await this.pause(error);
        else this.stop(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  private async work(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.notifyWork = resolve;
      if (this.sent < this.queue.length || this.closing || this.failure) resolve();
    });
    this.lastProgress = Math.max(this.lastProgress, this.unanswered > 0 ? this.lastProgress : Date.now());
  }

  private async pause(reason: Interrupted): Promise<void> {
    if (Date.now() - this.lastProgress > this.options.patienceMs) {
      const seconds = String(Math.round(this.options.patienceMs / 1000));
      this.stop(new ImportFailure('server.unreachable', `no progress for ${seconds} s: ${reason.message}`));
      return;
    }
    this.options.onInterruption(reason.message);
    await delay(Math.max(this.pauseMs, reason.retryAfterMs));
    this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs);
  }

  /** Sends from the first command without an answer on, at most so many lines and so long. */
  private async oneRequest(): Promise<void> {
    this.sent = this.head;
    const request = new BulkRequest(
      this.options.url,
      this.options.apiKey,
      (line) => {
        this.take(parseAnswer(line));
      },
      () => this.sent > this.head,
    );
    this.current = request;
    const finished = request.done.finally(() => {
      this.notifyWork();
    });
    finished.catch(() => undefined);
    const until = Date.now() + requestMs;
    let budget = this.options.linesPerRequest;
    while (!request.over && !this.failure && budget > 0 && Date.now() < until) {
      if (this.sent === this.queue.length) {
        if (this.closing) break;
        await Promise.race([this.work(), finished.catch(() => undefined)]);
        continue;
      }
      const text = this.nextText(budget);
      budget -= text.lines;
      await request.write(text.text);
    }
    if (!request.over) request.end();
    await finished;
    if (this.head < this.sent) throw new Interrupted('the server ended its answer early');
  }

  private nextText(budget: number): { text: string; lines: number } {
    let text = '';
    let lines = 0;
    for (; lines < budget && text.length < writeChars && this.sent < this.queue.length; lines += 1) {
      text += this.queue[this.sent]?.text ?? '';
      this.sent += 1;
    }
    return { text, lines };
  }

  private take(answer: Answer): void {
    // A server that is being stopped may say so once more than it was asked.
    if (answer.problem && passing.has(answer.problem.status)) throw new Interrupted(answer.problem.message);
    const pending = this.head < this.sent ? this.queue[this.head] : undefined;
    if (!pending)
      throw new ImportFailure('server.answer', 'the server answered more commands than were sent');
    if (answer.key !== undefined && answer.key !== pending.key) {
      throw new ImportFailure('server.answer', 'the server answered out of order');
    }
    this.head += 1;
    this.lastProgress = Date.now();
    this.pauseMs = 100;
    settle(pending, answer, this.options.onOutcome);
    if (this.head > 4096 && this.head * 2 > this.queue.length) this.compact();
    this.notifyRoom();
  }

  private compact(): void {
    this.queue.splice(0, this.head);
    this.sent -= this.head;
    this.head = 0;
  }
}

function settle(
  { progress, ensures }: Pending,
  { status, problem }: Answer,
  onOutcome: SenderOptions['onOutcome'],
): void {
  progress.left -= 1;
  if (status === 'accepted') progress.accepted += 1;
  if (problem && ensures) progress.ensureRefusal ??= problem;
  else if (problem) progress.refusal ??= problem;
  if (progress.left > 0) return;
  const { fact, accepted, refusal, ensureRefusal } = progress;
  onOutcome(fact, {
    status: refusal ? 'refused' : accepted > 0 ? 'accepted' : 'unchanged',
    commandsAccepted: accepted,
    ...(refusal && { refusal }),
    ...(ensureRefusal && { ensureRefusal }),
  });
}
