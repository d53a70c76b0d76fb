import { stringify } from 'yaml';
import { runImport, type ImportOptions, type ImportSummary } from '../run-import';
import { BulkServer, type Behaviour } from '../testing/bulk-server';
import { Scratch } from '../testing/scratch';

jest.setTimeout(60_000);

const mapping = { kind: 'products', externalKey: 'code', fields: { name: 'name' } };
const rows = 5_000;
let scratch: Scratch;
let server: BulkServer | undefined;
beforeEach(() => (scratch = new Scratch()));
afterEach(async () => {
  await server?.stop();
  server = undefined;
  scratch.remove();
});

const table = (count: number): string =>
  `code,name\n${Array.from({ length: count }, (_, index) => `${String(index)},Product ${String(index)}\n`).join('')}`;
const keys = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `import:products:${String(index)}`);

async function importTo(behaviour: Behaviour, more: Partial<ImportOptions> = {}): Promise<ImportSummary> {
  server ??= new BulkServer(behaviour);
  return again(await server.start(), more);
}

const again = async (url: string, more: Partial<ImportOptions> = {}): Promise<ImportSummary> =>
  runImport({
    ...{ kind: 'products', url, apiKey: 'key', dataDir: scratch.path, patienceMs: 5_000 },
    files: [scratch.write('products.csv', table(rows))],
    mappingFile: scratch.write('mapping.yaml', stringify(mapping)),
    errorsFile: `${scratch.path}/errors.ndjson`,
    ...more,
  });

const counts = ({ read, accepted, unchanged, rejected }: ImportSummary): number[] => [
  read,
  accepted,
  unchanged,
  rejected,
];

it('sends every row once and in order, and nothing new the second time', async () => {
  server = new BulkServer();
  const url = await server.start();
  expect(counts(await again(url))).toEqual([rows, rows, 0, 0]);
  expect(server.order).toEqual(keys(rows));
  expect(server.lastAuthorization).toBe('Bearer key');
  expect(counts(await again(url))).toEqual([rows, 0, rows, 0]);
  expect(server.applied.size).toBe(rows);
});

it('goes from one bounded request to the next', async () => {
  const summary = await importTo({}, { linesPerRequest: 700 });
  expect(counts(summary)).toEqual([rows, rows, 0, 0]);
  expect(server?.requests).toBe(Math.ceil(rows / 700));
  expect(server?.order).toEqual(keys(rows));
});

it('tells refusals by line with the code and fields of the server', async () => {
  const problem = {
    code: 'validation.failed',
    detail: 'name is too long',
    status: 400,
    errors: [{ field: 'name', rule: 'maxLength', message: 'at most 200' }],
  };
  const summary = await importTo({ refuse: ({ key }) => (key.endsWith('7') ? problem : undefined) });
  expect(counts(summary)).toEqual([rows, rows - 500, 0, 500]);
  const told = scratch.lines('errors.ndjson');
  expect(told).toHaveLength(500);
  expect(told[0]).toMatchObject({
    line: 9,
    rule: 'validation.failed',
    message: 'name is too long; name maxLength at most 200',
  });
});

it('sends again what lost its answer when the connection breaks', async () => {
  const summary = await importTo({ dropAfter: [1_000, 1_001, 3_000] });
  expect(summary).toMatchObject({ read: rows, rejected: 0 });
  expect(summary.accepted + summary.unchanged).toBe(rows);
  expect(summary.unchanged).toBeGreaterThan(0);
  expect(server?.order).toEqual(keys(rows));
  expect(server?.requests).toBe(4);
});

it('waits for a server that is away and comes back', async () => {
  const first = new BulkServer({ dropAfter: [2_000] });
  server = first;
  const url = await first.start();
  let interruptions = 0;
  const screen = {
    write: (text: string) => {
      if (!text.includes('trying again')) return;
      interruptions += 1;
      // Refused connections follow the broken one: the server is down until the second of them.
      if (interruptions === 1) void first.stop();
      if (interruptions === 3) void first.restart();
    },
  };
  const summary = await again(url, { screen });
  expect(summary).toMatchObject({ read: rows, rejected: 0 });
  expect(interruptions).toBeGreaterThanOrEqual(3);
  expect(first.order).toEqual(keys(rows));
});

it('tries again when turned away for now, and once for a command that the server was too busy for', async () => {
  let busy = true;
  const summary = await importTo({
    turnAway: [
      { status: 503, body: { title: 'starting' } },
      { status: 429, body: {} },
    ],
    refuse: ({ key }) => {
      if (key !== 'import:products:50' || !busy) return undefined;
      busy = false;
      return { code: 'server.busy', detail: 'busy', status: 503 };
    },
  });
  expect(summary).toMatchObject({ read: rows, rejected: 0 });
  expect([...(server?.applied.keys() ?? [])].sort()).toEqual(keys(rows).sort());
});

it('takes what a stopping server says about lines that it did not begin as no answer', async () => {
  let stopping = true;
  const summary = await importTo({
    answer: ({ key }) => {
      if (!stopping || !key.endsWith(':700')) return undefined;
      stopping = false;
      return JSON.stringify({
        status: 'refused',
        line: 701,
        problem: { code: 'server.stopping', detail: 'stopping', status: 503 },
      });
    },
  });
  expect(summary).toMatchObject({ read: rows, rejected: 0 });
  expect(server?.applied.size).toBe(rows);
});

it.each([
  [401, 'server.refused', { title: 'the key is not known' }],
  [404, 'server.refused', { title: 'not found' }],
])('stops at an answer of %d', async (status, code, body) => {
  const attempt = importTo({ turnAway: [{ status, body }] });
  await expect(attempt).rejects.toMatchObject({ code, message: expect.stringContaining(body.title) });
});

it('gives up on a server that stays away, naming why', async () => {
  server = new BulkServer();
  const url = await server.start();
  await server.stop();
  await expect(again(url, { patienceMs: 300 })).rejects.toMatchObject({
    code: 'server.unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  await server.restart();
});

it('stops when answers are out of order or no answers at all', async () => {
  const attempt = importTo({
    answer: ({ key }) => (key === 'import:products:9' ? '{"key":"other","status":"accepted"}' : undefined),
  });
  await expect(attempt).rejects.toMatchObject({
    code: 'server.answer',
    message: 'the server answered out of order',
  });
  await server?.stop();
  server = undefined;
  await expect(importTo({ answer: () => 'oops' })).rejects.toMatchObject({ code: 'server.answer' });
});

it('never has more on its way than the window and one chunk of the file', async () => {
  const gate = new Gate();
  const running = importTo(
    { beforeAnswer: async () => gate.pass() },
    { window: 100, files: [scratch.write('large.csv', table(60_000))] },
  );
  await gate.waiting;
  const largest = 256 * 1024;
  const rowsInChunk = Math.ceil(largest / '10000,Product 10000\n'.length) + 3_000;
  gate.open();
  expect(await running).toMatchObject({ read: 60_000, accepted: 60_000 });
  expect(server?.mostOpen).toBeGreaterThan(0);
  expect(server?.mostOpen).toBeLessThan(rowsInChunk + 100);
});

it('resumes after the last answered fact and counts what it left out', async () => {
  server = new BulkServer({
    answer: ({ key }) => (key === 'import:products:3000' ? 'oops' : undefined),
    refuse: refuse(17),
  });
  const url = await server.start();
  await expect(again(url)).rejects.toMatchObject({ code: 'server.answer' });
  await server.stop();
  const second = new BulkServer({ refuse: refuse(17) });
  server = second;
  const summary = await again(await startAt(second, url), { resume: true });
  expect(counts(summary)).toEqual([rows, rows - 3_000, 2_999, 1]);
  expect(second.order).toEqual(keys(rows).slice(3_000));
  const third = await again(url, { resume: true });
  expect(counts(third)).toEqual([rows, 3_000 - 1, rows - 3_000, 1]);
});

const withCustomers = {
  ...{ kind: 'purchases', currency: 'USD', externalKey: 'no', occurredAt: { value: '2020-01-01' } },
  ...{
    fields: { customerId: 'who' },
    lines: { product: { value: 'x' }, quantity: { value: 1 }, revenue: { value: 1 } },
  },
  registerCustomers: {},
};

it.each([
  [409, 'customer.exists', 0],
  [422, 'command.reused-id', 0],
  [400, 'input.invalid', 1],
])(
  'lets a purchase in whose customer is refused with %d %s, and warns if the customer is not there',
  async (status, code, warnings) => {
    const refuse: Behaviour['refuse'] = ({ command }) =>
      command === 'RegisterCustomer' ? { code, detail: 'no', status } : undefined;
    const summary = await importTo(
      { refuse },
      {
        kind: 'purchases',
        files: [scratch.write('sales.csv', 'no,who\n1,a\n2,a\n')],
        mappingFile: scratch.write('sales.yaml', stringify(withCustomers)),
      },
    );
    expect(summary).toMatchObject({ read: 2, accepted: 2, rejected: 0, facts: 2, warnings });
  },
);

it('refuses an address that is none', async () => {
  await expect(again('localhost:3000')).rejects.toMatchObject({ code: 'server.unknown' });
});

it('can be interrupted and says how to go on', async () => {
  const stop = new AbortController();
  const attempt = importTo(
    {
      answer: ({ key }) => {
        if (key === 'import:products:100') stop.abort();
        return undefined;
      },
    },
    { signal: stop.signal },
  );
  await expect(attempt).rejects.toMatchObject({ code: 'interrupted' });
});

const refuse =
  (code: number): Behaviour['refuse'] =>
  ({ key }) =>
    key === `import:products:${String(code)}` ? { code: 'no', detail: 'no', status: 422 } : undefined;

/** Starts a server where another one was. */
async function startAt(other: BulkServer, url: string): Promise<string> {
  other.listenOn(Number(new URL(url).port));
  return other.start();
}

/** Holds all who pass until it is opened. */
class Gate {
  private release: () => void = () => undefined;
  private arrive: () => void = () => undefined;
  private readonly opened = new Promise<void>((resolve) => {
    this.release = resolve;
  });
  readonly waiting = new Promise<void>((resolve) => {
    this.arrive = resolve;
  });

  async pass(): Promise<void> {
    this.arrive();
    await this.opened;
  }

  open(): void {
    this.release();
  }
}
