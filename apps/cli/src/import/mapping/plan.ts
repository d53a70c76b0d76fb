import { LRUCache } from 'lru-cache';
import { RowFault, type CommandLine, type FactCommand, type ImportKind, type JsonValue } from '../types';
import { compileBody, happened, type BodyReader } from './body';
import type { Columns } from './columns';
import { contracts, endRelationship } from './contract';
import type { MappingDocument } from './document';
import { Occurrences, compileKey } from './external-key';
import { currencyOf, type Compilation } from './fields';
import { Identities } from './identity';
import { compileLine, type LineReader } from './lines';
import { compileCondition, compileReader, type Fields, type Reader, type Test } from './read';
import { Recall } from './recall';

const rememberedCustomers = 50_000;

/** What an import remembers from row to row, over all of its files. */
export class ImportMemory {
  readonly identities: Identities;
  readonly occurrences: Occurrences | undefined;
  readonly registered = new LRUCache<string, true>({ max: rememberedCustomers });
  readonly closedGroups = new Recall();

  constructor({ externalKey, system }: MappingDocument) {
    this.identities = new Identities(system);
    this.occurrences = externalKey.rule === 'occurrence' ? new Occurrences(externalKey.within) : undefined;
  }
}

/** A mapping compiled for the columns of one file. */
export interface RowPlan {
  readonly key: (row: Fields) => string;
  readonly line: LineReader | undefined;
  /** The customer of a row, which all rows of a group must share. */
  readonly customer: Reader | undefined;
  readonly reject: readonly {
    readonly rule: string;
    readonly message: string;
    readonly column: string;
    readonly applies: Test;
  }[];
  /** The commands of a fact: its first row, its external key and its lines. @throws RowFault */
  commands(row: Fields, externalKey: string, lines: readonly JsonValue[]): FactCommand[];
}

/**
 * Compiles a mapping to closures over column positions.
 * @throws ImportFailure `mapping.field`, `mapping.required`, `mapping.currency`; missing columns show in `columns.check()`
 */
export function compilePlan(mapping: MappingDocument, columns: Columns, memory: ImportMemory): RowPlan {
  const to: Compilation = { columns, notation: mapping.notation, identities: memory.identities };
  const { kind } = mapping;
  const contract = contracts[kind];
  const body = compileBody(mapping, contract, to);
  const extra = purchaseExtra(mapping);
  const end = mapping.end && compileEnd(mapping.end, to);
  const register = compileRegister(mapping, to, memory);
  const customer = mapping.fields.get('customerId');
  return {
    key: compileKey(mapping.externalKey, columns, memory.occurrences),
    line: compileLine(mapping, to),
    customer: customer && compileReader(customer, columns, true),
    reject: mapping.reject.map(({ rule, message, when }) => ({
      ...{ rule, message, column: when.column },
      applies: compileCondition(when, columns),
    })),
    commands: (row, externalKey, lines) => {
      const filled = body(row, externalKey);
      if (contract.happened.required) happened(filled);
      const id = memory.identities.idOf(kind, externalKey);
      const key = memory.identities.keyOf(kind, externalKey);
      const data = { ...filled.data, ...(lines.length > 0 && { lines }), ...extra };
      const { occurredAt } = filled;
      const own: CommandLine = {
        command: contract.command,
        id,
        key,
        ...(occurredAt !== undefined && { occurredAt }),
        data,
      };
      const commands: FactCommand[] = [{ line: own, ensures: false }];
      const ended = end?.(row, id, memory.identities.keyOf(kind, externalKey, 'end'));
      if (ended) commands.push({ line: ended, ensures: false });
      const registered = register?.(row, occurredAt);
      return registered ? [{ line: registered, ensures: true }, ...commands] : commands;
    },
  };
}

function purchaseExtra({ kind, notation }: MappingDocument): Record<string, JsonValue> {
  return kind === 'purchases' ? { currency: currencyOf('lines', notation) } : {};
}

function compileEnd(
  mapping: NonNullable<MappingDocument['end']>,
  to: Compilation,
): (row: Fields, id: string, key: string) => CommandLine | undefined {
  const applies = compileCondition(mapping.when, to.columns);
  const body = compileBody(mapping, endRelationship, to);
  return (row, id, key) => {
    if (!applies(row)) return undefined;
    const filled = body(row, undefined);
    return { command: endRelationship.command, id, key, occurredAt: happened(filled), data: filled.data };
  };
}

type Register = (row: Fields, occurredAt: string | undefined) => CommandLine | undefined;

/** Customers are registered before their first purchase in this run. */
function compileRegister(
  mapping: MappingDocument,
  to: Compilation,
  memory: ImportMemory,
): Register | undefined {
  const customer = mapping.fields.get('customerId');
  if (!mapping.registerCustomers || !customer) return undefined;
  const body: BodyReader = compileBody(mapping.registerCustomers, contracts.customers, to, true);
  const reference = compileReader(customer, to.columns, true);
  const kind: ImportKind = 'customers';
  return (row, purchasedAt) => {
    const externalRef = reference(row, []);
    const id = memory.identities.idOf(kind, externalRef);
    if (memory.registered.has(id)) return undefined;
    const filled = body(row, externalRef);
    const occurredAt = filled.occurredAt ?? purchasedAt;
    if (occurredAt === undefined) throw new RowFault('required', 'the row does not say when it happened');
    memory.registered.set(id, true);
    const key = memory.identities.keyOf(kind, externalRef);
    return { command: contracts.customers.command, id, key, occurredAt, data: filled.data };
  };
}
