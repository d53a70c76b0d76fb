import { v5 } from 'uuid';
import type { CommandLine, JsonObject } from '../import/types';
import { Agenda } from './agenda';
import type { Process } from './agenda';
import { Random } from './random';

export const DAY = 86_400_000;
export const HOUR = 3_600_000;

/** Name space of every simulated company. */
const NAMESPACE = 'b1e5a4b0-6f0c-5d2e-9a57-2f3f5b1f7c11';
/** Nine in the morning in the company's time zone (UTC+8), as UTC. */
const OFFICE_OPENS = 1;
const OFFICE_HOURS = 9;

export interface Period {
  readonly seed: string;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly until: number;
}

/** Time, chance, names and the way out for all actors of a simulated company. */
export class World {
  readonly random: Random;
  readonly start: number;
  readonly until: number;
  private readonly agenda = new Agenda();
  private readonly namespace: string;
  private readonly label: string;
  private moment: number;
  private outbox: CommandLine[] = [];
  private sent = 0;

  constructor({ seed, start, until }: Period) {
    this.start = start;
    this.until = until;
    this.moment = start;
    this.random = new Random(seed);
    this.namespace = v5(`${seed}/${String(start)}/${String(until)}`, NAMESPACE);
    this.label = this.namespace.slice(0, 13);
  }

  get now(): number {
    return this.moment;
  }

  /** The id of a simulated thing: equal names give equal ids. */
  id(kind: string, name: string | number): string {
    return v5(`${kind}:${String(name)}`, this.namespace);
  }

  /** Sends a command, as happening now unless it speaks about an earlier moment. */
  send(command: string, id: string, data: JsonObject, at: number = this.moment): void {
    this.sent += 1;
    this.outbox.push({
      command,
      id,
      key: `simulation:${this.label}:${String(this.sent)}`,
      occurredAt: instant(at),
      data,
    });
  }

  /** Begins a process, now or later. */
  begin(process: Process, at: number = this.moment): void {
    this.agenda.add(at, process);
  }

  /** The moment so many days from now, put into office hours of a working day. */
  workday(days: number, random: Random): number {
    const at = this.moment + days * DAY;
    const midnight = Math.floor(at / DAY) * DAY;
    const weekday = new Date(midnight).getUTCDay();
    const shift = weekday === 6 ? 2 : weekday === 0 ? 1 : 0;
    const hour = OFFICE_OPENS + random.between(0, OFFICE_HOURS);
    return Math.max(this.moment, midnight + shift * DAY + Math.floor(hour * 60) * 60_000);
  }

  /** Runs all processes until the end of the period: their commands in the order of time. */
  *commands(): Generator<CommandLine, void, void> {
    for (let entry = this.agenda.next(); entry !== undefined; entry = this.agenda.next()) {
      const { at, process } = entry;
      if (at >= this.until) return;
      this.moment = at;
      const step = process.next();
      if (step.done !== true) this.agenda.add(Math.max(step.value, at), process);
      yield* this.taken();
    }
  }

  private taken(): readonly CommandLine[] {
    const lines = this.outbox;
    if (lines.length > 0) this.outbox = [];
    return lines;
  }
}

export const instant = (at: number): string => new Date(at).toISOString();

export const day = (at: number): string => instant(at).slice(0, 10);

/** How much of a usual month's business falls into each month: New Year in February, the rush before year's end. */
const SEASON = [0.95, 0.62, 1.02, 1.0, 1.04, 1.08, 0.9, 0.88, 1.06, 0.97, 1.28, 1.2];

export const season = (at: number): number => SEASON[new Date(at).getUTCMonth()] ?? 1;
