import type { Instant } from '@guanxi/kernel';
import { instantOf, parseInstant } from '@guanxi/kernel';
import type { Command } from './command-path';
import { CommandPath, specOf } from './command-path';
import type { StreamNow } from './command-path';
import type { Step } from './steps';

/** Kinds of things that a history makes, each at most so many, so that corrections meet what others did. */
const MOST = {
  seller: 3,
  product: 3,
  department: 2,
  rate: 4,
  customer: 3,
  purchase: 4,
  deal: 4,
  complaint: 3,
} as const;
export type Kind = keyof typeof MOST;

const KINDS = Object.keys(MOST) as readonly Kind[];

/** The day on which histories begin. */
export const START = parseInstant('2024-01-01T08:00:00Z');

/** What a history has made so far, and how to say more about it. */
export class World {
  readonly path = new CommandPath(START);
  private readonly made = new Map<Kind, string[]>();

  /** An id for something new; undefined when there is enough of its kind. */
  fresh(kind: Kind): string | undefined {
    const own = this.made.get(kind) ?? [];
    if (own.length >= MOST[kind]) return undefined;
    const id = `${KINDS.indexOf(kind) + 1}0000000-0000-4000-8000-00000000000${own.length + 1}`;
    return id;
  }

  /** Notes that something was made. */
  note(kind: Kind, id: string): void {
    const own = this.made.get(kind) ?? [];
    if (!own.includes(id)) this.made.set(kind, [...own, id]);
  }

  /** One of the things of a kind. */
  some(kind: Kind, number: number): string | undefined {
    const own = this.made.get(kind) ?? [];
    return own[number % Math.max(own.length, 1)];
  }

  ids(kind: Kind): readonly string[] {
    return this.made.get(kind) ?? [];
  }

  now(): Instant {
    return this.path.clock();
  }

  /** A moment so long before now. */
  before(milliseconds: number): Instant {
    return instantOf(new Date(this.path.now - milliseconds));
  }

  async stream(command: string, id: string): Promise<StreamNow> {
    return this.path.stream(specOf(command), id);
  }

  /**
   * The moment of which a step's command speaks; undefined where it says none. What may not predate its stream speaks
   * of a moment between the stream's last one and now.
   */
  async moment(step: Step, command: string, id: string): Promise<Instant | undefined> {
    const { mayPredate } = specOf(command);
    const { events, last } = await this.stream(command, id);
    const floor = mayPredate ? events[0]?.occurredAt : last;
    switch (step.when) {
      case 'unsaid':
        return undefined;
      case 'now':
        return this.now();
      case 'ahead':
        return instantOf(new Date(this.path.now + 1_000 * (1 + (step.late % 200))));
      case 'late':
        return later(this.before(step.late), floor);
      case 'tie':
        return events[(step.a + step.b) % Math.max(events.length, 1)] && mayPredate
          ? events[(step.a + step.b) % events.length]?.occurredAt
          : (last ?? (await this.momentOfAnother(step)));
    }
  }

  /** The moment of some event that happened already, of whatever stream. */
  async momentOfAnother({ a, b }: Step): Promise<Instant> {
    const log = await this.path.log();
    const found = log[(a * 12 + b) % Math.max(log.length, 1)]?.occurredAt;
    return found !== undefined && found < this.now() ? found : this.now();
  }

  async send(line: Command): Promise<void> {
    await this.path.send(line);
  }
}

const later = (at: Instant, floor: Instant | undefined): Instant =>
  floor !== undefined && floor > at ? floor : at;
