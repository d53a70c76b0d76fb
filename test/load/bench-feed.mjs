/**
 * The feed with many readers: idle ones, that want what does not come, and busy ones, that want all of what is written
 * at a steady rate; then the busy ones come anew and read everything from the beginning. Rates, the time from the
 * moment an event was recorded to its arrival, and the server's memory. Server, database, writer and readers share the
 * machine.
 *
 *   npm run bench:feed -- [--quick] [--json] [--idle 1000] [--busy 100] [--rate 200] [--seconds 15]
 */
import { request } from 'node:http';
import { cpus, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { bar, printMs } from './figures.mjs';
import { quantile, report, residentMegabytes, startProduct } from './product.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    idle: { type: 'string', default: '' },
    busy: { type: 'string', default: '' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '' },
  },
});
const idleCount = Number(options.idle || (options.quick ? 100 : 1_000));
const busyCount = Number(options.busy || (options.quick ? 10 : 100));
const rate = Number(options.rate);
const seconds = Number(options.seconds || (options.quick ? 2 : 15));

const historyCount = options.quick ? 500 : 5_000;
const STEP_MS = 20;
const OPENED_AT_ONCE = 50;
const BUSY = 'topics=guanxi.deals';
const IDLE = 'types=guanxi.deal-owner-assigned.v1';

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
const product = await startProduct();
const { url, pid } = product;
const authorization = `Bearer ${product.environment.GUANXI_API_KEY}`;
const machine = { cpus: cpus().length, load: Number(loadavg()[0].toFixed(2)), node: process.version };
console.log(
  `Node ${machine.node}, ${machine.cpus} processors, load ${machine.load}: ${idleCount} idle and ${busyCount} busy ` +
    `readers, ${rate} commands/s for ${seconds} s`,
);
try {
  // Before anybody reads, so that it is read from the log.
  const history = await write('history', historyCount, Infinity);
  const memory = { start: residentMegabytes(pid) };
  const idle = await openAll(idleCount, `${IDLE}&after=now`);
  memory.idle = residentMegabytes(pid);
  const busy = await openAll(busyCount, `${BUSY}&after=now`, true);
  const written = await write('live', Math.round(rate * seconds), rate);
  const live = await received(busy, written.count, written.begun);
  memory.live = residentMegabytes(pid);
  const times = busy.flatMap((reader) => reader.times);
  for (const reader of busy) reader.close();

  const begun = performance.now();
  const again = await openAll(busyCount, `${BUSY}&after=0`);
  const catchUp = await received(again, history.count + written.count, begun);
  memory.catchUp = residentMegabytes(pid);
  const stray = idle.reduce((sum, { count }) => sum + count, 0);
  for (const reader of [...idle, ...again]) reader.close();
  if (stray > 0) throw new Error(`${stray} events came to readers that did not want them`);
  print({ written, live, times, catchUp, memory });
} finally {
  await product.stop();
}

/** Opens readers, some at a time; each has its first block when this resolves. */
async function openAll(count, query, isTimed = false) {
  const readers = [];
  while (readers.length < count) {
    const some = Math.min(OPENED_AT_ONCE, count - readers.length);
    readers.push(...(await Promise.all(Array.from({ length: some }, () => openOne(query, isTimed)))));
  }
  return readers;
}

function openOne(query, isTimed) {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/v1/feed?${query}`, { headers: { authorization }, agent: false });
    const reader = { count: 0, times: [], wake: () => undefined, close: () => asked.destroy() };
    let rest = '';
    const take = (text) => {
      const now = Date.now();
      const blocks = `${rest}${text}`.split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        if (!block.includes('\ndata: ')) continue;
        reader.count += 1;
        if (isTimed) reader.times.push(now - Date.parse(/"recordedtime":"([^"]+)"/.exec(block)[1]));
      }
      reader.wake();
      resolve(reader);
    };
    asked.once('response', (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`the feed answered ${answer.statusCode}`));
      answer
        .setEncoding('utf8')
        .on('data', take)
        .on('error', () => undefined);
    });
    asked.on('error', reject).end();
  });
}

/** Opens deals by one bulk call, so many a second; resolves when all are accepted. */
async function write(name, count, perSecond) {
  const sending = request(`${url}/v1/commands`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-ndjson' },
  });
  const answered = new Promise((resolve, reject) => {
    sending.once('error', reject).once('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      answer.once('end', () =>
        resolve(text.split('\n').filter((line) => line.includes('"accepted"')).length),
      );
    });
  });
  const begun = performance.now();
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, Math.ceil(((performance.now() - begun) / 1_000) * perSecond));
    for (; sent < due; sent += 1) {
      const data = { value: { amount: sent + 1, currency: 'EUR' } };
      sending.write(`${JSON.stringify({ command: 'OpenDeal', key: `${name}-${sent}`, data })}\n`);
    }
    await pause(STEP_MS);
  }
  sending.end();
  const accepted = await answered;
  if (accepted !== count) throw new Error(`${accepted} of ${count} commands were accepted`);
  return { count, begun, perSecond: (count * 1_000) / (performance.now() - begun) };
}

/** Waits until each reader has so many events; resolves to the rate over all of them. */
async function received(readers, count, begun) {
  await Promise.all(
    readers.map(async (reader) => {
      while (reader.count < count) await new Promise((resolve) => (reader.wake = resolve));
      if (reader.count > count) throw new Error(`a reader got ${reader.count} of ${count} events`);
    }),
  );
  return (readers.length * count * 1_000) / (performance.now() - begun);
}

function print({ written, live, times, catchUp, memory }) {
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  const perReader = ((memory.idle - memory.start) * 1_024) / idleCount;
  console.table([
    { what: 'commands/s', figure: Math.round(written.perSecond) },
    { what: 'live: events/s over all busy readers', figure: Math.round(live) },
    { what: 'live: recorded to received, p50 ms', figure: printMs(p50) },
    { what: 'live: recorded to received, p99 ms', figure: printMs(p99) },
    { what: 'from the beginning: events/s over all busy readers', figure: Math.round(catchUp) },
    { what: 'memory before any reader, MB', figure: Math.round(memory.start) },
    { what: 'memory with all idle readers, MB', figure: Math.round(memory.idle) },
    { what: 'memory while live, MB', figure: Math.round(memory.live) },
    { what: 'memory after reading from the beginning, MB', figure: Math.round(memory.catchUp) },
    { what: 'an idle reader, KB', figure: Math.round(perReader) },
  ]);
  const bars = [
    bar('live p50 ms', 40, p50, true),
    bar('live p99 ms', 150, p99, true),
    bar('live events/s of those written', 0.95, live / (written.perSecond * busyCount)),
  ];
  report(bars, {
    ...{ machine, idle: idleCount, busy: busyCount, rate, commandsPerSecond: written.perSecond },
    ...{
      livePerSecond: live,
      p50Ms: p50,
      p99Ms: p99,
      catchUpPerSecond: catchUp,
      memoryMegabytes: memory,
      bars,
    },
  });
}
