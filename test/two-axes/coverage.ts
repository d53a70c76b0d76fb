import { contexts as all } from '@guanxi/contexts';
import type { Played } from './history/play';

/** A context without a read model, as webhooks are, has nothing that could be asked at two moments. */
const contexts = all.filter(({ readModels }) => readModels.length > 0);

/** What the histories of a run were made of: a property over histories that say nothing proves nothing. */
export class Coverage {
  histories = 0;
  commands = 0;
  accepted = 0;
  unchanged = 0;
  events = 0;
  /** Facts told after something later had been told, of the same thing or of another. */
  lateFacts = 0;
  /** Events that lie before the last one of their own stream. */
  predating = 0;
  redatings = 0;
  comparisons = 0;
  readonly types = new Map<string, number>();
  readonly refusals = new Map<string, number>();
  private readonly carriedOut = new Map<string, number>();

  add({ sent, log }: Played): void {
    this.histories += 1;
    this.commands += sent.length;
    this.events += log.length;
    for (const { status, code, line } of sent) {
      if (status === 'accepted') {
        this.accepted += 1;
        count(this.carriedOut, line.command);
      }
      if (status === 'unchanged') this.unchanged += 1;
      if (code !== undefined) count(this.refusals, `${line.command} ${code}`);
    }
    const lastOf = new Map<string, string>();
    let latest = '';
    for (const { type, occurredAt, stream, data } of log) {
      count(this.types, type);
      if ('redates' in data) this.redatings += 1;
      if (occurredAt < latest) this.lateFacts += 1;
      if (occurredAt < (lastOf.get(stream) ?? '')) this.predating += 1;
      if (occurredAt > latest) latest = occurredAt;
      if (occurredAt > (lastOf.get(stream) ?? '')) lastOf.set(stream, occurredAt);
    }
  }

  /** Share of commands that were carried out. */
  get share(): number {
    return this.commands === 0 ? 0 : this.accepted / this.commands;
  }

  /** Event types that no history wrote. */
  get typesMissing(): readonly string[] {
    return contexts
      .flatMap(({ events }) => events.map(({ type }) => type))
      .filter((type) => !this.types.has(type));
  }

  /** Commands of the product that no history carried out. */
  get commandsMissing(): readonly string[] {
    return contexts
      .flatMap(({ commands }) => commands.map(({ name }) => name))
      .filter((name) => !this.carriedOut.has(name));
  }

  /** The event types that were written least, with how often. */
  get rarest(): string {
    const rising = [...this.types].sort(([, a], [, b]) => a - b);
    return rising
      .slice(0, 4)
      .map(([type, times]) => `${type} ${times}`)
      .join(', ');
  }

  toString(): string {
    const { histories, commands, events, lateFacts, predating, redatings, comparisons } = this;
    const percent = Math.round(this.share * 100);
    return (
      `${histories} histories, ${commands} commands (${percent} % carried out, ${this.unchanged} changed nothing), ` +
      `${events} events of ${this.types.size} types, ${lateFacts} late facts, ${predating} before the last of their own ` +
      `stream, ${redatings} redatings, ${comparisons} comparisons; rarest: ${this.rarest}`
    );
  }
}

const count = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};
