import { hash } from 'node:crypto';
import type { EventStore, Outcome } from '@guanxi/event-store';
import { derivedId, newId } from '@guanxi/event-store';
import type { CommandMeta, Instant } from '@guanxi/kernel';
import { DomainError, isUuid, parseInstant, plusMilliseconds } from '@guanxi/kernel';
import type { CommandBus } from '@nestjs/cqrs';
import { commandClassOf } from './command-bus';
import type { CommandSpec, Reference } from './command-spec';
import type { CommandAside, Tells } from './command-aside';
import { carryOutBeside } from './command-aside';
import { KnownStreams } from './known-streams';
import { inputInvalid, validateInput } from './validation/validate-input';

/** Who sends, and under which ids the command is followed. */
export interface Sender {
  readonly actor: string;
  readonly tenant: string;
  readonly correlationId?: string;
  readonly causationId?: string;
}

/** A command as it arrives, not yet checked. */
export interface Sent {
  readonly id?: unknown;
  /** The idempotency key: a repeat under the same key has the first one's outcome. */
  readonly key?: unknown;
  readonly occurredAt?: unknown;
  readonly data: unknown;
  readonly expectedRevision?: number;
}

/** A checked command: which stream it is for, what else it refers to, and how to carry it out. */
export interface Prepared {
  readonly id: string;
  readonly stream: string;
  readonly references: readonly Reference[];
  execute(): Promise<Outcome & Tells>;
}

/**
 * A sender's clock may be ahead by so much. What is told has happened by now all the same: a fact that lies ahead would
 * be in the figures of now and not in those as of now.
 */
const CLOCK_SKEW_MILLISECONDS = 5 * 60_000;
const KEY_LENGTH = 200;

/** The one way in for commands, from whichever edge they come: checks, names, sends over the bus. */
export class CommandGateway {
  private readonly streams: KnownStreams;

  constructor(
    private readonly bus: CommandBus,
    store: EventStore,
    private readonly clock: () => Instant,
    /** What is done outside the log beside commands, by their names. */
    private readonly asides: ReadonlyMap<string, CommandAside> = new Map(),
  ) {
    this.streams = new KnownStreams(store);
  }

  /** Checks and carries out. @throws DomainError */
  async send(
    spec: CommandSpec,
    sent: Sent,
    sender: Sender,
  ): Promise<Outcome & Tells & { readonly id: string }> {
    const prepared = this.prepare(spec, sent, sender);
    return { ...(await prepared.execute()), id: prepared.id };
  }

  /**
   * Checks a command's form without touching the store.
   * @throws DomainError `input.invalid` with field, rule and pointer
   */
  prepare(spec: CommandSpec, sent: Sent, sender: Sender): Prepared {
    const now = this.clock();
    const key = checkedKey(sent.key);
    const input = validateInput(spec.input, sent.data);
    const id = checkedId(spec, sent.id, key, sender.tenant);
    const occurredAt = checkedMoment(sent.occurredAt, now);
    const commandId = key === undefined ? newId() : derivedId('command', sender.tenant, key);
    const meta: CommandMeta = {
      commandId,
      command: spec.name,
      commandHash: hashOf(spec.name, id, occurredAt, sent.data),
      isRepeatable: key !== undefined,
      at: occurredAt === undefined || occurredAt > now ? now : occurredAt,
      now,
      correlationId: sender.correlationId ?? commandId,
      ...(sender.causationId === undefined ? {} : { causationId: sender.causationId }),
      actor: sender.actor,
      tenant: sender.tenant,
    };
    const stream = `${spec.category}-${id}`;
    const references = spec.references(input);
    return {
      id,
      stream,
      references,
      execute: async () => {
        await this.streams.require(references);
        const command = new (commandClassOf(spec))(id, input, meta, sent.expectedRevision);
        const carryOut = (): Promise<Outcome> =>
          this.bus.execute<InstanceType<ReturnType<typeof commandClassOf>>, Outcome>(command);
        const aside = this.asides.get(spec.name);
        const outcome = aside
          ? await carryOutBeside(aside, { command: spec.name, id, input, meta }, carryOut)
          : await carryOut();
        if (outcome.revision >= 0) this.streams.remember(stream);
        return outcome;
      },
    };
  }
}

function checkedKey(key: unknown): string | undefined {
  if (key === undefined || key === null) return undefined;
  if (typeof key === 'string' && key.length > 0 && key.length <= KEY_LENGTH) return key;
  throw inputInvalid([
    { field: 'key', rule: 'length', pointer: '/key', message: `must have 1 to ${KEY_LENGTH} characters` },
  ]);
}

function checkedId(spec: CommandSpec, id: unknown, key: string | undefined, tenant: string): string {
  if (isUuid(id)) return id.toLowerCase();
  if (id !== undefined && id !== null) {
    throw inputInvalid([{ field: 'id', rule: 'isUuid', pointer: '/id', message: 'must be a UUID' }]);
  }
  if (spec.verb !== undefined) {
    throw inputInvalid([
      { field: 'id', rule: 'required', pointer: '/id', message: 'is needed: which one is meant?' },
    ]);
  }
  return key === undefined ? newId() : derivedId('id', tenant, spec.name, key);
}

function checkedMoment(occurredAt: unknown, now: Instant): Instant | undefined {
  if (occurredAt === undefined || occurredAt === null) return undefined;
  const at = { field: 'occurredAt', pointer: '/occurredAt' };
  let instant: Instant;
  try {
    instant = parseInstant(typeof occurredAt === 'string' ? occurredAt : '', 'occurredAt');
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw inputInvalid([{ ...at, rule: 'isInstant', message: error.message.replace(/^occurredAt /, '') }]);
  }
  if (instant <= now || instant <= plusMilliseconds(now, CLOCK_SKEW_MILLISECONDS)) return instant;
  throw inputInvalid([
    { ...at, rule: 'notInFuture', message: 'must not lie more than 5 minutes in the future' },
  ]);
}

/** Content hash of a command; the order of the data's fields does not matter, that inside a field's value does. */
function hashOf(name: string, id: string, occurredAt: Instant | undefined, data: unknown): string {
  const fields = Object.entries(data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return hash('sha256', JSON.stringify([name, id, occurredAt, fields]), 'base64url');
}
