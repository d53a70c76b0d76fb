/**
 * Appends without end, many at a time, and says on stdout, a JSON line each, what it sends before it sends it and what
 * it was told after it was told: `{"sent": n, "own", "writes": [[stream, [id]]]}`, then `{"acknowledged": n, …}`,
 * `{"refused": n}` or `{"failed": n, "code"}`. The lines are written past Node's buffers: what was said before a kill
 * was heard. `stop` on stdin ends it when what is under way is answered.
 *
 *   node appender.mjs <url> <round>
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createPool, PostgresEventStore, WrongExpectedRevision } from './product.mjs';

const [, , url, round] = process.argv;
const WRITERS = 48;
/** Streams that all writers of all rounds write to. */
const SHARED = 4;

const pool = createPool({ url, name: 'chaos-appender' });
const store = new PostgresEventStore(pool);
let stopping = false;
let sent = 0;

process.stdin.on('data', () => (stopping = true));
process.stdin.on('end', () => process.exit());

await Promise.all(Array.from({ length: WRITERS }, (_, index) => write(index)));
await store.close();
await pool.end();
process.exit();

async function write(index) {
  const own = `own-${round}-${index}`;
  let revision = -1;
  const exact = (stream, at, events) => ({ stream, expected: at < 0 ? 'new' : at, events: some(events) });
  const anywhere = (n, events) => ({ stream: `shared-${n % SHARED}`, expected: 'any', events: some(events) });
  for (let n = index; !stopping; n += 1) {
    let appended;
    if (n % 4 === 0) appended = await append([exact(own, revision, 1)]);
    else if (n % 4 === 1) appended = await append([anywhere(n, 2)]);
    // A stream that several want to begin: one gets it.
    else if (n % 4 === 2) appended = await append([exact(`new-${round}-${n >> 2}`, -1, 2)]);
    else appended = await append([exact(own, revision, 2), anywhere(n >> 2, 1)]);
    revision = appended?.streams.find(({ stream }) => stream === own)?.revision ?? revision;
  }
}

/** Sends an append until it is answered, as long as sending it again is safe; undefined where it was refused. */
async function append(writes) {
  const n = (sent += 1);
  const own = writes.every(({ stream }) => !stream.startsWith('new-'));
  const repeatable = writes.every(({ expected }) => expected !== 'any');
  say({ sent: n, own, writes: writes.map(({ stream, events }) => [stream, events.map(({ id }) => id)]) });
  for (;;) {
    try {
      const { position, recordedAt, streams } = await store.append(writes, metadata(n));
      say({ acknowledged: n, position: String(position), recordedAt, streams });
      return { streams };
    } catch (error) {
      if (error instanceof WrongExpectedRevision) {
        say({ refused: n });
        return undefined;
      }
      say({ failed: n, code: error.code ?? error.name, message: error.message });
      // An own stream goes on from where it is known to end: its writer finds that out by repeating.
      if (!repeatable && !writes.some(({ stream }) => stream.startsWith('own-'))) return undefined;
      if (!repeatable) return learned(writes, n);
    }
    await delay(20);
  }
}

/** What became of an append that cannot be sent again: whether its first event is where it should be. */
async function learned(writes, n) {
  const [{ stream, expected, events }] = writes;
  for (;;) {
    try {
      const from = expected === 'new' ? 0 : expected + 1;
      const [first] = await store.readStream(stream, { from, limit: 1 });
      if (first?.id !== events[0].id) return undefined;
      return { streams: [{ stream, revision: from + events.length - 1 }] };
    } catch (error) {
      say({ failed: n, code: error.code ?? error.name, message: error.message, reading: true });
      await delay(20);
    }
  }
}

function some(count) {
  return Array.from({ length: count }, (_, n) => ({
    id: randomUUID(),
    type: 'something-happened.v1',
    occurredAt: '2026-01-01T00:00:00.000Z',
    data: { n, note: 'x'.repeat(200) },
  }));
}

function metadata(n) {
  const commandId = `${round}-${n}`;
  const origin = { commandId, command: 'Chaos', commandHash: 'none', correlationId: commandId };
  return { ...origin, actor: 'chaos', tenant: 'default', policyVersion: 0 };
}

function say(line) {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
