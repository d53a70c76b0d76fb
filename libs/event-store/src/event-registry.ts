import { DomainError } from '@guanxi/kernel';
import type { EventContract, RecordedEvent } from '@guanxi/kernel';
import type { TSchema } from '@sinclair/typebox';
import type { TypeCheck } from '@sinclair/typebox/compiler';
import { TypeCompiler } from '@sinclair/typebox/compiler';

/** All event types that the product knows: checks data before it is appended, lifts old versions on read. */
export class EventRegistry {
  private readonly contracts = new Map<string, EventContract>();
  private readonly checks = new Map<string, TypeCheck<TSchema>>();

  /** @throws Error when two contracts claim one type name: that would make stored data ambiguous */
  constructor(contracts: readonly EventContract[]) {
    for (const contract of contracts) {
      if (this.contracts.has(contract.type)) throw new Error(`event type ${contract.type} is declared twice`);
      this.contracts.set(contract.type, contract);
    }
  }

  /** Every type name that may stand in the log, also those no longer written. */
  get types(): readonly string[] {
    return [...this.contracts.keys()];
  }

  /** The contract of a type, if it is known. */
  contract(type: string): EventContract | undefined {
    return this.contracts.get(type);
  }

  /**
   * Holds an event's data against its schema.
   * @throws Error when it does not fit: a decision made it, so this is a fault of ours, not of the caller
   */
  check(type: string, data: unknown): void {
    const check = this.checkOf(type);
    if (check.Check(data)) return;
    const first = check.Errors(data).First();
    throw new Error(
      `event ${type} does not fit its schema at ${first?.path ?? '/'}: ${first?.message ?? ''}`,
    );
  }

  /** The event in its newest version: upcasters are applied one after the other. */
  newest(event: RecordedEvent): RecordedEvent {
    let { type, data } = event;
    let upcast = this.contracts.get(type)?.upcast;
    if (!upcast) return event;
    while (upcast) {
      data = upcast.data(data);
      type = upcast.to;
      upcast = this.contracts.get(type)?.upcast;
    }
    return { ...event, type, data };
  }

  /** What a type has become: itself, unless it is a version that is no longer written. */
  newestType(type: string): string {
    let newest = type;
    let upcast = this.contracts.get(type)?.upcast;
    while (upcast) {
      newest = upcast.to;
      upcast = this.contracts.get(newest)?.upcast;
    }
    return newest;
  }

  /** The types under which events of some newest types may be stored: themselves, and older versions of them. */
  storedTypes(newest: readonly string[]): readonly string[] {
    const wanted = new Set(newest);
    const known = new Set([...this.contracts.keys(), ...newest]);
    return [...known].filter((type) => wanted.has(this.newestType(type)));
  }

  private checkOf(type: string): TypeCheck<TSchema> {
    const known = this.checks.get(type);
    if (known) return known;
    const contract = this.contracts.get(type);
    if (!contract)
      throw new DomainError('event-store.unknown-type', 'invalid', `event type ${type} is not declared`);
    // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- the kernel knows schemas by shape alone
    const compiled = TypeCompiler.Compile(contract.schema as TSchema);
    this.checks.set(type, compiled);
    return compiled;
  }
}
