import type { Json, RunningProduct } from '../support/product';
import { runningProduct } from '../support/product';
import type { SseEvent } from '../support/sse';
import { SseReader } from '../support/sse';

const usd = (amount: number) => ({ amount, currency: 'USD' });

describe('the feed', () => {
  let guanxi: RunningProduct;
  const readers: SseReader[] = [];

  const open = async (query = '', headers: Record<string, string> = {}): Promise<SseReader> => {
    const reader = await SseReader.open(`${guanxi.product.url}/v1/feed${query}`, {
      authorization: `Bearer ${guanxi.key}`,
      ...headers,
    });
    readers.push(reader);
    return reader;
  };
  const lines = async (query: string, headers: Record<string, string> = {}) => {
    const answer = await guanxi.ask('GET', `/v1/feed${query}`, undefined, {
      accept: 'application/x-ndjson',
      ...headers,
    });
    const text = await answer.text();
    const events = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      events,
      next: answer.headers.get('guanxi-next-after'),
    };
  };
  const head = async (): Promise<string> => String((await guanxi.product.store.head()).position);
  const openDeal = async (amount = 100): Promise<string> =>
    (await guanxi.send('/v1/deals', { value: usd(amount) })).id;

  beforeAll(async () => {
    guanxi = await runningProduct();
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.kill();
  });
  afterAll(async () => {
    await guanxi.stop();
  });

  it('tells the history from the beginning, then what comes', async () => {
    const first = await openDeal(1);
    const reader = await open('?topics=guanxi.deals');
    expect(reader.answer.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    await reader.until(() => reader.events.some(({ data }) => data.subject === `deal-${first}`));
    expect(reader.retry).toBe(3_000);

    const second = await openDeal(2);
    await reader.until(() => reader.events.some(({ data }) => data.subject === `deal-${second}`));
    const last = reader.events.at(-1);
    expect(last).toMatchObject({
      event: 'guanxi.deal-opened.v1',
      data: {
        specversion: '1.0',
        type: 'guanxi.deal-opened.v1',
        datacontenttype: 'application/json',
        data: { value: usd(2) },
      },
    });
    expect(last?.id).toBe(last?.data.position);
  });

  it('tells each event once and in order to a reader that is killed again and again while commands come', async () => {
    const after = await head();
    const deals: string[] = [];
    let isDone = false;
    const writing = (async () => {
      for (let i = 0; i < 40; i += 1) {
        const id = await openDeal(i + 1);
        deals.push(id);
        await guanxi.send(`/v1/deals/${id}/revise`, { value: usd(1_000 + i) });
      }
      isDone = true;
    })();
    const seen: SseEvent[] = [];
    let last = after;
    let kills = 0;
    const isComplete = (): boolean =>
      isDone && deals.every((id) => seen.filter(({ data }) => data.subject === `deal-${id}`).length === 2);
    while (!isComplete()) {
      // The address still says where it once began: the header goes before it.
      const reader = await open(`?topics=guanxi.deals&after=${after}`, { 'last-event-id': last });
      await reader.until(() => reader.events.length >= 7 || reader.events.length + seen.length >= 80);
      const told = reader.events.splice(0);
      seen.push(...told);
      last = told.at(-1)?.id ?? last;
      reader.kill();
      kills += 1;
    }
    await writing;
    expect(kills).toBeGreaterThan(5);
    expect(seen).toHaveLength(80);
    expect(new Set(seen.map(({ data }) => data.id)).size).toBe(80);
    const positions = seen.map(({ id }) => BigInt(id));
    expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
    for (const id of deals) {
      const own = seen.filter(({ data }) => data.subject === `deal-${id}`);
      expect(own.map(({ data }) => data.revision)).toEqual([0, 1]);
    }
  });

  it('begins with what comes where nothing but that is wanted', async () => {
    await openDeal();
    const reader = await open('?after=now');
    const at = await head();
    await reader.until(() => reader.lastId === at);
    const id = await openDeal(77);
    await reader.until(() => reader.events.length > 0);
    expect(reader.events).toMatchObject([{ data: { subject: `deal-${id}` } }]);
  });

  it('comes as lines, with the place to go on from', async () => {
    const after = await head();
    for (let i = 0; i < 5; i += 1) await openDeal(i + 1);
    const first = await lines(`?topics=guanxi.deals&after=${after}&limit=3&wait=0`);
    expect([first.status, first.events.length]).toEqual([200, 3]);
    expect(first.headers.get('content-type')).toContain('application/x-ndjson');
    expect(first.next).toBe(first.events.at(-1).position);
    const [, link = ''] = /^<(.*)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? [];
    const second = await lines(link.slice('/v1/feed'.length));
    expect(second.events).toHaveLength(2);
    const amounts = [...first.events, ...second.events].map(({ data }) => data.value.amount);
    expect(amounts).toEqual([1, 2, 3, 4, 5]);

    const none = await lines(`?after=${second.next}&wait=0`);
    expect([none.status, none.text, none.next]).toEqual([200, '', await head()]);
  });

  it('lets lines wait until something comes', async () => {
    const after = await head();
    const waiting = lines(`?types=deal-opened.v1&after=${after}&wait=60`);
    const id = await openDeal(5);
    const { events, next } = await waiting;
    expect(events).toMatchObject([{ subject: `deal-${id}` }]);
    expect(next).toBe(await head());
  });

  it('tells only what is asked for', async () => {
    const after = await head();
    const id = await openDeal(5);
    await guanxi.send('/v1/customers', { name: 'Acme' });
    await guanxi.send(`/v1/deals/${id}/revise`, { value: usd(9) });
    const { events, next } = await lines(`?types=guanxi.deal-revised.v1&after=${after}`);
    expect(events.map(({ type }) => type)).toEqual(['guanxi.deal-revised.v1']);
    expect(next).toBe(await head());
  });

  it.each([
    ['?topics=guanxi.deal', {}, 400, 'input.invalid', 'topics must be among guanxi.customers'],
    ['?types=deal-won.v9', {}, 400, 'input.invalid', '"guanxi.deal-won.v9" is not'],
    [
      '?topics=guanxi.customers&types=deal-won.v1',
      {},
      400,
      'input.invalid',
      'guanxi.deal-won.v1 goes to guanxi.deals',
    ],
    ['?after=yesterday', {}, 400, 'input.invalid', 'after must be the id of an event of this feed'],
    ['?after=-1', {}, 400, 'input.invalid', 'after must be the id'],
    ['?after=99999999999999999999', {}, 400, 'input.invalid', 'after must be the id'],
    ['?after=1&after=2', {}, 400, 'input.invalid', 'after must be a string'],
    ['', { 'last-event-id': 'x' }, 400, 'input.invalid', 'Last-Event-ID must be the id'],
    ['?after=900000000', {}, 409, 'feed.position-ahead', 'position 900000000 does not exist yet'],
    ['', { 'last-event-id': '900000000.1' }, 409, 'feed.position-ahead', 'does not exist yet'],
    ['?limit=5', {}, 400, 'input.invalid', 'limit is for Accept: application/x-ndjson alone'],
    ['?limit=5000', { accept: 'application/x-ndjson' }, 400, 'input.invalid', 'limit must not be greater'],
    ['?wait=61', { accept: 'application/x-ndjson' }, 400, 'input.invalid', 'wait must not be greater'],
    ['?since=1', {}, 400, 'input.invalid', 'since is not a known field'],
    ['', { accept: 'text/csv' }, 406, 'answer.not-acceptable', 'text/event-stream or application/x-ndjson'],
  ])('refuses %j with %j', async (query, headers, status, code, words) => {
    const answer = await guanxi.ask('GET', `/v1/feed${query}`, undefined, headers);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect([answer.status, await answer.json()]).toEqual([
      status,
      expect.objectContaining({ code, detail: expect.stringContaining(words) }),
    ]);
  });

  it('is for keys that may read, and for as long as they may', async () => {
    const nobody = await guanxi.ask('GET', '/v1/feed', undefined, { authorization: 'Bearer nobody' });
    expect(nobody.status).toBe(401);
    const made = async (roles: string[]) => guanxi.send('/v1/api-keys', { name: 'a reader', roles });
    const sender = await made(['send']);
    const refused = await guanxi.ask('GET', '/v1/feed', undefined, { authorization: `Bearer ${sender.key}` });
    expect(refused.status).toBe(403);

    const reading = await made(['read']);
    const reader = await open('?after=now', { authorization: `Bearer ${reading.key}` });
    await guanxi.send(`/v1/api-keys/${reading.id}/revoke`, {});
    await reader.ended;
    expect(reader.comments).toContain('this key may no longer read the feed');
  });

  it('answers HEAD without opening a feed', async () => {
    const answer = await guanxi.ask('HEAD', '/v1/feed');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  });

  it('stands in the OpenAPI document and in the metrics', async () => {
    const document: Json = await (await guanxi.ask('GET', '/openapi.json')).json();
    const { parameters } = document.paths['/v1/feed'].get;
    expect(parameters[0].schema.items.enum).toContain('guanxi.deals');
    const reader = await open('?after=now');
    await reader.until(() => reader.lastId !== '');
    const metrics = await (await guanxi.ask('GET', '/metrics')).text();
    expect(metrics).toMatch(/^guanxi_feed_open [1-9]/m);
    expect(metrics).toMatch(/^guanxi_feed_lag_events 0$/m);
    expect(metrics).toMatch(/^guanxi_feed_lag_seconds 0$/m);
    expect(metrics).toMatch(/^guanxi_feed_events_sent_total [1-9]/m);
  });

  it('ends with a word when the server stops', async () => {
    const reader = await open('?after=now');
    const waiting = lines('?after=now&wait=60');
    await reader.until(() => reader.lastId !== '');
    const begun = performance.now();
    await guanxi.product.close();
    await reader.ended;
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(reader.comments).toContain('the server stops; connect again with the last id');
    expect((await waiting).text).toBe('');
  });
});
