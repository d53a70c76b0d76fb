import type { Appended, ExpectedRevision, StreamWrite } from '@guanxi/event-store';
import { WrongExpectedRevision, serialise } from '@guanxi/event-store';
import type { EventMetadata } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import type { Pool } from 'pg';

/** One append of a group, already in the text in which it is sent. */
export interface PendingAppend {
  readonly writes: readonly StreamWrite[];
  readonly metadata: string;
  /** Each write's events as JSON objects without their write's number. */
  readonly events: readonly (readonly string[])[];
  readonly bytes: number;
}

/** Serialises an append once, so that waiting ones cost nothing more. @throws DomainError for events too large */
export function pendingAppend(writes: readonly StreamWrite[], metadata: EventMetadata): PendingAppend {
  const events = writes.map((write) =>
    write.events.map(({ id, type, occurredAt, data }) => {
      const text = JSON.stringify(serialise(type, data));
      return `"id":"${id}","type":${JSON.stringify(type)},"at":"${occurredAt}","data":${text}}`;
    }),
  );
  const bytes = events.reduce((sum, own) => own.reduce((total, text) => total + text.length, sum), 0);
  return { writes, metadata: JSON.stringify(metadata), events, bytes };
}

interface GroupResult {
  readonly g: number;
  readonly at: string;
  readonly position: string | null;
  readonly revisions: readonly number[];
  readonly refused: { readonly stream: string; readonly actual: number } | null;
}

/** Carries out a group in one transaction; the outcome of each append, in the order given. */
export async function appendGroup(
  pool: Pool,
  group: readonly PendingAppend[],
): Promise<readonly (Appended | WrongExpectedRevision)[]> {
  const { rows } = await pool.query<{ results: readonly GroupResult[] }>({
    name: 'es-append',
    text: 'select es.append($1, $2) as results',
    values: parametersOf(group),
  });
  const results = new Map(rows[0]?.results.map((result) => [result.g, result]));
  return group.map(({ writes }, g) => {
    const result = results.get(g);
    if (!result) throw new Error('the database answered no outcome for an append');
    return outcomeOf(writes, result);
  });
}

function parametersOf(group: readonly PendingAppend[]): [string, string] {
  const writes: string[] = [];
  const events: string[] = [];
  for (const [g, append] of group.entries()) {
    const metadata = JSON.stringify(append.metadata);
    for (const [index, { stream, expected }] of append.writes.entries()) {
      const own = append.events[index] ?? [];
      const w = writes.length;
      writes.push(
        `{"g":${g},"w":${w},"stream":${JSON.stringify(stream)},"expected":${codeOf(expected)},"events":${own.length},"metadata":${metadata}}`,
      );
      own.forEach((event, i) => events.push(`{"w":${w},"i":${i + 1},${event}`));
    }
  }
  return [`[${writes.join()}]`, `[${events.join()}]`];
}

function outcomeOf(writes: readonly StreamWrite[], result: GroupResult): Appended | WrongExpectedRevision {
  const { refused, position, at, revisions } = result;
  if (refused) {
    const expected = writes.find(({ stream }) => stream === refused.stream)?.expected ?? 'any';
    return new WrongExpectedRevision(refused.stream, expected, refused.actual);
  }
  return {
    position: BigInt(position ?? 0),
    recordedAt: instantOf(new Date(at)),
    streams: writes.map(({ stream }, index) => ({ stream, revision: revisions[index] ?? -1 })),
  };
}

function codeOf(expected: ExpectedRevision): number {
  switch (expected) {
    case 'new':
      return -1;
    case 'exists':
      return -2;
    case 'any':
      return -3;
    default:
      return expected;
  }
}
