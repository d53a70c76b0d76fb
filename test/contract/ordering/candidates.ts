import { PostgresEventStore } from '@guanxi/event-store-postgres';
import { migrate } from '@guanxi/platform';
import type { Candidate } from './candidate';
import { plainSequence } from './wrong/plain-sequence';
import { revisionOutside } from './wrong/revision-outside';
import { transactionId } from './wrong/transaction-id';

/** The store that ships. */
export const postgres: Candidate = {
  name: 'PostgreSQL',
  table: 'es.events',
  gapless: true,
  prepare: migrate,
  open: (pool) => new PostgresEventStore(pool),
};

/** By their names, which is how other processes are told which store to open. */
const CANDIDATES = [postgres, plainSequence, transactionId, revisionOutside];

export function candidateCalled(name: string): Candidate {
  const found = CANDIDATES.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no candidate is called ${name}`);
  return found;
}
