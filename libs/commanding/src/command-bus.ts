import type { CommandMeta } from '@guanxi/kernel';
import type { Outcome } from '@guanxi/event-store';
import { Deciders } from '@guanxi/event-store';
import type { Type } from '@nestjs/common';
import { Inject } from '@nestjs/common';
import type { ICommandHandler } from '@nestjs/cqrs';
import { CommandHandler } from '@nestjs/cqrs';
import type { CommandSpec } from './command-spec';

/** A checked command on its way over the bus. */
export class DeclaredCommand {
  constructor(
    readonly id: string,
    readonly input: object,
    readonly meta: CommandMeta,
    readonly expectedRevision?: number,
  ) {}
}

const classes = new Map<string, typeof DeclaredCommand>();

/** The bus class of a declared command, named after it; the same one at every call. */
export function commandClassOf({ name }: CommandSpec): typeof DeclaredCommand {
  const known = classes.get(name);
  if (known) return known;
  const made = { [name]: class extends DeclaredCommand {} }[name] ?? DeclaredCommand;
  classes.set(name, made);
  return made;
}

/** The bus handler of a declared command: one decision on one stream. */
export function commandHandlerOf(spec: CommandSpec): Type<ICommandHandler<DeclaredCommand, Outcome>> {
  class Handler implements ICommandHandler<DeclaredCommand, Outcome> {
    constructor(@Inject(Deciders) private readonly deciders: Deciders) {}

    execute({ id, input, meta, expectedRevision }: DeclaredCommand): Promise<Outcome> {
      return this.deciders.transact(
        `${spec.category}-${id}`,
        spec.decider,
        spec.decide(input, meta, id),
        meta,
        {
          mayPredate: spec.mayPredate,
          opens: spec.verb === undefined && expectedRevision === undefined,
          ...(expectedRevision === undefined ? {} : { expectedRevision }),
        },
      );
    }
  }
  Object.defineProperty(Handler, 'name', { value: `${spec.name}Handler` });
  CommandHandler(commandClassOf(spec))(Handler);
  return Handler;
}
