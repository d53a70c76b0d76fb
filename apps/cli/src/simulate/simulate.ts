import type { CommandLine } from '../import/types';
import { Company } from './company';
import { arrivals } from './customer';
import { prospecting } from './pipeline';
import { exchangeRates, found, priceLists, staffChanges } from './steering';
import { DAY, World } from './world';

export interface Simulation {
  /** Same seed, years and end: the same commands, byte for byte. */
  readonly seed: string;
  readonly years: number;
  /** Epoch milliseconds of the moment before which everything happens. */
  readonly until: number;
}

/**
 * The life of an invented company as commands in the order of time: every id, key, moment and amount follows from
 * the seed. Each command is one that the product accepts, for the simulation keeps to the same rules. Memory holds
 * the actors that are under way, not the past.
 */
export function* simulate({ seed, years, until }: Simulation): Generator<CommandLine, void, void> {
  const world = new World({ seed, start: until - Math.round(years * 365.25) * DAY, until });
  const company = new Company();
  world.begin(founding(world, company));
  yield* world.commands();
}

function* founding(world: World, company: Company): Generator<number, void, void> {
  found(world, company);
  world.begin(exchangeRates(world));
  world.begin(priceLists(world, company));
  world.begin(staffChanges(world, company));
  world.begin(arrivals(world, company));
  prospecting(world, company);
  // Nothing more of its own: the processes that it began go on.
  yield world.until;
}
