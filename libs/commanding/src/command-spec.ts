import type { CommandMeta, Decider, Decision } from '@guanxi/kernel';
import type { DecidedEvent } from '@guanxi/event-store';

/** What a key may do; a command names the one it needs. */
export const ROLES = ['send', 'read', 'audit', 'steer', 'privacy', 'operate'] as const;
export type Role = (typeof ROLES)[number];

/** A stream that must hold events before the command may name it, and the input field that names it. */
export interface Reference {
  readonly field: string;
  readonly stream: string;
}

/** A command as it is declared: bus handler, route, bulk entry, OpenAPI and CLI help follow from it. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Class-validator DTO of the command's data. */
  readonly input: new () => object;
  /** Plural in the route: `POST /v1/<collection>`. */
  readonly collection: string;
  /** Stream category: the command's stream is `<category>-<id>`. */
  readonly category: string;
  /** `POST /v1/<collection>/{id}/<verb>`; absent for the command that opens a stream. */
  readonly verb?: string;
  readonly role: Role;
  /** True for commands that speak about the past (`Correct…`, imports of history). */
  readonly mayPredate: boolean;
  /** Complete data that the command accepts. */
  readonly example: object;
  readonly references: (input: object) => readonly Reference[];
  readonly decider: Decider<unknown, DecidedEvent>;
  readonly decide: (input: object, meta: CommandMeta, id: string) => Decision<unknown, DecidedEvent>;
}

/** What an entry of a context's command table says beside its input and its decision. */
export interface CommandEntry<I> {
  readonly summary: string;
  readonly example: I;
  readonly verb?: string;
  readonly role?: Role;
  readonly mayPredate?: boolean;
  readonly references?: (input: I) => readonly Reference[];
}

/**
 * Opens a context's command table for one kind of stream:
 * `const deal = commandsOn({ collection: 'deals', category: 'deal', decider })`, then one call a command.
 * The input class is named after the command, with `Input` behind it.
 */
export function commandsOn<S, E extends DecidedEvent>(streams: {
  readonly collection: string;
  readonly category: string;
  readonly decider: Decider<S, E>;
}) {
  /* eslint-disable @typescript-eslint/consistent-type-assertions -- a table holds entries of all types: what an
     entry's input class admits is what its functions get */
  return <I extends object>(
    name: string,
    input: new () => I,
    decide: (input: I, meta: CommandMeta, id: string) => Decision<S, E>,
    entry: CommandEntry<I>,
  ): CommandSpec => ({
    name,
    input,
    collection: streams.collection,
    category: streams.category,
    summary: entry.summary,
    ...(entry.verb === undefined ? {} : { verb: entry.verb }),
    role: entry.role ?? 'send',
    mayPredate: entry.mayPredate ?? false,
    example: entry.example,
    references: (entry.references ?? (() => [])) as CommandSpec['references'],
    decider: streams.decider as unknown as CommandSpec['decider'],
    decide: decide as unknown as CommandSpec['decide'],
  });
  /* eslint-enable @typescript-eslint/consistent-type-assertions */
}

/** The references of optional fields: an absent field names nothing. */
export function referencesTo(
  category: string,
  fields: Readonly<Record<string, string | undefined>>,
): readonly Reference[] {
  return Object.entries(fields).flatMap(([field, id]) =>
    id === undefined ? [] : [{ field, stream: `${category}-${id}` }],
  );
}

/** The route of a command, `{id}` in braces. */
export const routeOf = ({ collection, verb }: CommandSpec): string =>
  verb === undefined ? `/v1/${collection}` : `/v1/${collection}/{id}/${verb}`;
