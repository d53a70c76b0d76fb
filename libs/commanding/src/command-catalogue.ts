import type { CommandSpec } from './command-spec';

/** All declared commands, by name. */
export class CommandCatalogue {
  private readonly byName: ReadonlyMap<string, CommandSpec>;

  /** @throws Error when two commands share a name or a route */
  constructor(readonly commands: readonly CommandSpec[]) {
    this.byName = new Map(commands.map((spec) => [spec.name, spec]));
    const routes = new Set(commands.map(({ collection, verb }) => `${collection} ${verb ?? ''}`));
    if (this.byName.size !== commands.length || routes.size !== commands.length) {
      throw new Error('two commands share a name or a route');
    }
  }

  find(name: string): CommandSpec | undefined {
    return this.byName.get(name);
  }
}
