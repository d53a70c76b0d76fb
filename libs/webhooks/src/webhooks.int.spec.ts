import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { instantOf } from '@guanxi/kernel';
import type { CallOutcome, CallRules } from './delivery/caller';
import { Caller } from './delivery/caller';
import { QUICK, poison } from './testing/notes';
import type { Received, Receiver } from './testing/receiver';
import { firstComings, ok, startReceiver } from './testing/receiver';
import type { World } from './testing/world';
import { metadata, openWorld, until } from './testing/world';

let world: World;
let receiver: Receiver;
const children: ChildProcess[] = [];

beforeEach(async () => {
  world = await openWorld();
  receiver = await startReceiver();
});

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  await world.close();
  await receiver.close();
});

const beginChild = async (): Promise<ChildProcess> => {
  const script = join(__dirname, 'testing/child-worker.cjs');
  const child = spawn(process.execPath, [script, world.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
};

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

const numbersOf = (key: string): readonly number[] => firstComings(receiver.received).get(key) ?? [];
const signatureOf = (request: Received | undefined): readonly string[] =>
  ['id', 'timestamp', 'signature'].map((part) => String(request?.headers[`webhook-${part}`]));
const stateOf = async (id: string) => (await world.office.states()).find(({ webhook }) => webhook === id);
const deliveries = async (id: string, status?: 'waiting' | 'delivered') =>
  (await world.office.deliveries(id, { limit: 1_000, ...(status && { status }) })).items;
/** Everything in the log is done with, and nothing waits. */
const isThrough = async (id: string): Promise<boolean> => {
  const state = await stateOf(id);
  return state?.lag === '0' && state.waitingKeys === 0;
};

describe('deliveries', () => {
  it('are behind by what is not delivered, what waits with its key among it', async () => {
    const id = await world.register(receiver.url);
    const failing = new Set(['note-a', 'note-c']);
    receiver.answering = (response, { key }) => void response.writeHead(failing.has(key) ? 500 : 204).end();
    world.worker({ waits: [3_600_000] });
    const begun = Date.now();
    await world.write('note-a', 1, 2);
    await world.write('note-b', 1, 2, 3);
    await world.write('note-a', 3, 4, 5);
    await world.write('note-c', 1, 2);
    const head = String(await world.write('note-b', 4));
    await until(async () => (await stateOf(id))?.position === head);
    expect(await stateOf(id)).toMatchObject({ lag: '7', waitingKeys: 2 });
    await until(async () => ((await stateOf(id))?.lagSeconds ?? 0) > 0.2);
    // Since when it was enabled does not make what it has not got any younger.
    await world.send('DisableWebhook', id, { reason: 'mended' });
    await world.send('EnableWebhook', id);
    await until(async () => (await deliveries(id, 'waiting')).every(({ attempts }) => attempts === 1));
    const { lagSeconds = 0, failingSeconds = 0 } = (await stateOf(id)) ?? {};
    expect(lagSeconds).toBeGreaterThan(failingSeconds);
    expect(lagSeconds).toBeLessThanOrEqual((Date.now() - begun) / 1_000);
    failing.clear();
    for (const { id: delivery } of await deliveries(id, 'waiting')) await world.office.retry(id, delivery);
    await until(() => isThrough(id));
    expect(numbersOf('note-a')).toEqual([1, 2, 3, 4, 5]);
  });

  it('tell what happens from the registration on, signed, once, in order of each key', async () => {
    await world.write('note-old', 0);
    const id = randomUUID();
    const { secret = '' } = await world.send('RegisterWebhook', id, {
      url: receiver.url,
      topics: ['guanxi.notes'],
    });
    world.worker();
    for (let n = 1; n <= 40; n += 1) await world.write(`note-${n % 4}`, n);
    await until(() => isThrough(id));
    expect(receiver.received).toHaveLength(40);
    for (const k of [0, 1, 2, 3]) {
      const expected = Array.from({ length: 40 }, (_, index) => index + 1).filter((n) => n % 4 === k);
      expect(numbersOf(`note-${k}`)).toEqual(expected);
    }
    const [first] = receiver.received;
    const [name, at, signature] = signatureOf(first);
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const expected = createHmac('sha256', key).update(`${name}.${at}.${first?.body}`).digest('base64');
    expect(signature).toBe(`v1,${expected}`);
    expect(Math.abs(Number(at) - Date.now() / 1_000)).toBeLessThan(60);
    expect(first?.headers['content-type']).toBe('application/cloudevents+json');
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      ...{ specversion: '1.0', type: 'guanxi.note-written.v1', subject: first?.key },
    });
    expect(await deliveries(id, 'delivered')).toHaveLength(40);
  });

  it('hold back a key whose message fails, and no other', async () => {
    const id = await world.register(receiver.url);
    let isBroken = true;
    receiver.answering = (response, received, times) => {
      if (received.key === 'note-bad' && isBroken) response.writeHead(500).end('no');
      else ok(response, received, times);
    };
    world.worker();
    await world.write('note-bad', 1, 2, 3);
    await world.write('note-good', 1, 2, 3);
    await until(() => numbersOf('note-good').length === 3);
    await until(async () => ((await deliveries(id, 'waiting'))[0]?.attempts ?? 0) >= 3);
    await world.write('note-bad', 4);
    await world.write('note-good', 4);
    await until(() => numbersOf('note-good').length === 4);
    expect(numbersOf('note-bad')).toEqual([1]);
    expect(await deliveries(id, 'waiting')).toMatchObject([
      { key: 'note-bad', status: 'waiting', answer: 500, error: 'answered 500' },
    ]);
    isBroken = false;
    await until(() => isThrough(id));
    expect(numbersOf('note-bad')).toEqual([1, 2, 3, 4]);
    expect(
      new Set(receiver.received.filter(({ n, key }) => n === 1 && key === 'note-bad').map((r) => r.id)).size,
    ).toBe(1);
  });

  it.each<[string, RegExp, Receiver['answering']]>([
    [
      'a redirect, which is not followed',
      /^answered 302: redirects are not followed/,
      (response) => void response.writeHead(302, { location: receiver.url }).end(),
    ],
    ['no answer', /^no complete answer within 700 ms$/, () => undefined],
    [
      'an answer that never ends',
      /^no complete answer within 700 ms$/,
      (response) => void response.writeHead(200).write('x'),
    ],
    [
      'an answer that dies',
      /broke off/,
      (response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('x');
        setImmediate(() => response.destroy());
      },
    ],
  ])('take %s for a failure, and try again', async (_name, words, answering) => {
    const id = await world.register(receiver.url);
    receiver.answering = (response, received, times) => {
      if (times === 1) answering(response, received, times);
      else ok(response, received, times);
    };
    const errors: string[] = [];
    world.worker({ waits: [300] });
    await world.write('note-1', 1, 2);
    await until(async () => {
      const [waiting] = await deliveries(id, 'waiting');
      if (waiting?.error !== undefined) errors.push(waiting.error);
      return errors.length > 0;
    });
    expect(errors[0]).toMatch(words);
    await until(() => isThrough(id));
    expect(numbersOf('note-1')).toEqual([1, 2]);
  });

  it('read no more of a huge answer than they need', async () => {
    const id = await world.register(receiver.url);
    let written = 0;
    receiver.answering = (response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(64 * 1024);
      const pump = (): void => {
        while (!response.destroyed && written < 2 ** 30) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', pump);
            return;
          }
        }
      };
      pump();
    };
    world.worker();
    await world.write('note-1', 1);
    await until(() => isThrough(id));
    expect(await deliveries(id)).toMatchObject([{ status: 'delivered', answer: 200, attempts: 1 }]);
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  it('wait as long as the receiver asks', async () => {
    const id = await world.register(receiver.url);
    receiver.answering = (response, received, times) => {
      if (times === 1) response.writeHead(503, { 'retry-after': '3600' }).end();
      else ok(response, received, times);
    };
    world.worker();
    await world.write('note-1', 1);
    await until(async () => (await deliveries(id, 'waiting')).length === 1);
    const [{ id: delivery, nextAt = '' } = { id: '' }] = await deliveries(id, 'waiting');
    expect(Date.parse(nextAt) - Date.now()).toBeGreaterThan(3_500_000);
    await world.office.retry(id, delivery);
    await until(() => isThrough(id));
    await expect(world.office.retry(id, delivery)).rejects.toMatchObject({ code: 'delivery.not-waiting' });
  });

  it.each([
    ['99999999999', 86_000_000, 96_000_000],
    ['Wed, 21 Oct 2099 07:28:00 GMT', 86_000_000, 96_000_000],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0, 10_000],
    ['-5', 0, 10_000],
    ['soon', 0, 10_000],
  ])(
    'wait no longer than a day for a Retry-After of %s, and not at all for nonsense',
    async (after, least, most) => {
      const id = await world.register(receiver.url);
      receiver.answering = (response) => void response.writeHead(503, { 'retry-after': after }).end();
      world.worker({ waits: [9_000] });
      await world.write('note-1', 1);
      await until(async () => (await deliveries(id, 'waiting')).length === 1);
      const [{ nextAt = '' } = {}] = await deliveries(id, 'waiting');
      const wait = Date.parse(nextAt) - Date.now();
      expect([wait > least, wait < most]).toEqual([true, true]);
    },
  );

  it('end at once for a receiver that is gone, and go on from where each key stood when enabled', async () => {
    const id = await world.register(receiver.url);
    receiver.answering = (response) => void response.writeHead(410).end();
    world.worker();
    await world.write('note-1', 1, 2);
    await world.write('note-2', 1);
    await until(async () => (await stateOf(id))?.status === 'disabled');
    expect(await stateOf(id)).toMatchObject({ reason: 'gone' });
    expect((await world.office.notices()).join()).toContain(`webhook ${id} was disabled (gone)`);
    await world.write('note-1', 3);
    receiver.answering = ok;
    await world.send('EnableWebhook', id);
    await until(() => isThrough(id));
    expect(numbersOf('note-1')).toEqual([1, 2, 3]);
    expect(numbersOf('note-2')).toEqual([1]);
    expect(await world.office.notices()).toEqual([]);
  });

  it('end after the limit of the policy, and go on from where each key stood when enabled', async () => {
    const id = await world.register(receiver.url);
    receiver.answering = (response) => void response.writeHead(500).end();
    world.worker({ giveUpAfter: 300 });
    await world.write('note-1', 1, 2);
    await until(async () => (await stateOf(id))?.status === 'disabled');
    expect(await stateOf(id)).toMatchObject({ reason: 'tries-exhausted', waitingKeys: 1 });
    receiver.answering = ok;
    await world.send('EnableWebhook', id, { reason: 'mended' });
    await until(() => isThrough(id));
    expect(numbersOf('note-1')).toEqual([1, 2]);
  });

  it('look at no more of the log while too many keys wait, and miss nothing', async () => {
    const id = await world.register(receiver.url);
    let isBroken = true;
    receiver.answering = (response, received, times) => {
      if (isBroken) response.writeHead(500).end();
      else ok(response, received, times);
    };
    world.worker({ waitingKeys: 10, inMemory: 10 });
    for (let key = 0; key < 60; key += 1) await world.write(`note-${key}`, 1, 2, 3);
    await until(async () => ((await stateOf(id))?.waitingKeys ?? 0) >= 10);
    await until(() => receiver.received.length > 60);
    expect((await stateOf(id))?.waitingKeys).toBeLessThanOrEqual(10 + 10);
    isBroken = false;
    await until(() => isThrough(id));
    for (let key = 0; key < 60; key += 1) expect(numbersOf(`note-${key}`)).toEqual([1, 2, 3]);
  });

  it('tell the past again from a position and from an instant, under the same ids', async () => {
    const before = await world.write('note-1', 1, 2);
    const id = await world.register(receiver.url);
    world.worker();
    await world.write('note-1', 3);
    await until(() => isThrough(id));
    expect(receiver.received.map(({ n }) => n)).toEqual([3]);
    await world.send('ReplayWebhook', id, { after: String(before - 1n) });
    await until(() => receiver.received.length === 3);
    expect(receiver.received.map(({ n }) => n)).toEqual([3, 2, 3]);
    expect(receiver.received[2]?.id).toBe(receiver.received[0]?.id);
    await until(() => isThrough(id));
    await world.send('ReplayWebhook', id, { from: '2020-01-01T00:00:00Z' });
    await until(() => receiver.received.length === 6);
    expect(receiver.received.slice(3).map(({ n }) => n)).toEqual([1, 2, 3]);
  });

  it('tell what every replay asked for that came before a worker took it up', async () => {
    const first = await world.write('note-1', 1);
    const id = await world.register(receiver.url);
    await world.write('note-1', 2);
    await world.send('ReplayWebhook', id, { after: '0' });
    await world.send('ReplayWebhook', id, { after: String(first) });
    // Accepted once, and beyond what a position can be.
    const { revision } = await world.send('ReplayWebhook', id, { from: '2100-01-01T00:00:00Z' });
    await world.store.append(
      [
        {
          ...{ stream: `webhook-${id}`, expected: revision },
          events: [
            {
              ...{ id: randomUUID(), type: 'webhook-replay-requested.v1' },
              ...{ data: { after: '9999999999999999999' }, occurredAt: instantOf(new Date()) },
            },
          ],
        },
      ],
      metadata(),
    );
    world.worker();
    await until(() => isThrough(id));
    expect(receiver.received.map(({ n }) => n)).toEqual([1, 2]);
  });

  it('halt a key at an event that cannot be told, which is no fault of the receiver', async () => {
    const id = await world.register(receiver.url);
    poison.n = 2;
    try {
      world.worker({ giveUpAfter: 100 });
      await world.write('note-1', 1, 2, 3);
      await world.write('note-2', 1);
      await until(() => numbersOf('note-2').length === 1);
      await until(async () => ((await deliveries(id, 'waiting'))[0]?.attempts ?? 0) >= 4);
      expect((await deliveries(id, 'waiting'))[0]?.error).toContain("can't be told as note-written.v1");
      expect(numbersOf('note-1')).toEqual([1]);
      expect((await stateOf(id))?.status).toBe('enabled');
    } finally {
      poison.n = -1;
    }
    await until(() => isThrough(id));
    expect(numbersOf('note-1')).toEqual([1, 2, 3]);
  });

  it('are signed with the old secret, too, after a rotation; a secret is told once and kept sealed', async () => {
    const id = randomUUID();
    const data = { url: receiver.url, topics: ['guanxi.notes'] };
    const first = await world.send('RegisterWebhook', id, data, 'a key');
    expect(first.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await world.send('RegisterWebhook', id, data, 'a key')).toMatchObject({
      repeated: true,
      secret: null,
    });
    const second = await world.send('RotateWebhookSecret', id);
    world.worker();
    await world.write('note-1', 1);
    await until(() => isThrough(id));
    const [one] = receiver.received;
    const [name, at, signature] = signatureOf(one);
    const text = `${name}.${at}.${one?.body}`;
    const signatures = [second, first].map(({ secret = '' }) => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
    });
    expect(signature).toBe(signatures.join(' '));
    const { rows } = await world.pool.query<{ all: string }>(
      `select (select string_agg(data::text, ' ') from es.events) ||
              (select string_agg(encode(sealed, 'base64') || encode(sealed, 'escape'), ' ') from ops.webhook_secrets) as all`,
    );
    for (const { secret = '' } of [first, second]) expect(rows[0]?.all).not.toContain(secret.slice(6, 30));
  });

  it('forget a removed webhook', async () => {
    const id = await world.register(receiver.url);
    await world.send('RemoveWebhook', id);
    world.worker();
    await world.write('note-1', 1);
    const other = await world.register(receiver.url);
    await world.write('note-1', 2);
    await until(() => isThrough(other));
    expect(receiver.received.map(({ n }) => n)).toEqual([2]);
    await expect(world.office.deliveries(id, { limit: 1 })).rejects.toMatchObject({
      code: 'webhook.unknown',
    });
  });
});

it('a name is judged by what it leads to when it is called', async () => {
  const url = receiver.url.replace('127.0.0.1', 'localhost');
  const call = async (rules: CallRules): Promise<CallOutcome> => {
    const caller = new Caller(rules, QUICK, Date.now);
    try {
      const body = JSON.stringify({ subject: 'note-1', data: { n: 1 } });
      return await caller.call(url, {}, body, new AbortController().signal);
    } finally {
      await caller.close();
    }
  };
  const refused = await call({ allowPrivate: false, allowHttp: true });
  expect(refused).toMatchObject({
    kind: 'failed',
    error: expect.stringMatching(/^its name leads to .* public internet/),
  });
  expect(receiver.received).toEqual([]);
  expect(await call({ allowPrivate: true, allowHttp: true })).toEqual({ kind: 'delivered', answer: 204 });
});

describe('workers', () => {
  it('lose nothing and keep the order of each key when they are killed while they deliver', async () => {
    const ids = [await world.register(receiver.url)];
    receiver.answering = (response, received, times) => {
      if (received.n % 7 === 0 && times === 1) response.writeHead(500).end();
      else setTimeout(() => ok(response, received, times), 3);
    };
    for (let n = 1; n <= 60; n += 1) for (let key = 0; key < 5; key += 1) await world.write(`note-${key}`, n);
    for (let kills = 1; kills <= 4; kills += 1) {
      const child = await beginChild();
      const before = receiver.received.length;
      await until(() => receiver.received.length >= before + 25);
      await kill(child);
    }
    await beginChild();
    for (const id of ids) await until(() => isThrough(id));
    const all = Array.from({ length: 60 }, (_, index) => index + 1);
    for (let key = 0; key < 5; key += 1) expect(numbersOf(`note-${key}`)).toEqual(all);
  });

  it('share the webhooks, and take over those of one that was killed', async () => {
    const ids = [];
    for (let count = 0; count < 6; count += 1) ids.push(await world.register(receiver.url));
    const child = await beginChild();
    const heldBy = async (): Promise<readonly number[]> => {
      const { rows } = await world.pool.query<{ count: number }>(
        'select count(*)::integer as count from ops.webhook_places where holder is not null group by holder order by 1',
      );
      return rows.map(({ count }) => count);
    };
    await until(async () => String(await heldBy()) === '6');
    world.worker();
    await until(async () => String(await heldBy()) === '3,3');
    await kill(child);
    const killed = performance.now();
    await until(async () => String(await heldBy()) === '6');
    expect(performance.now() - killed).toBeLessThan(10_000);
    await world.write('note-1', 1);
    for (const id of ids) await until(() => isThrough(id));
    expect(receiver.received).toHaveLength(6);
  });
});
