import type { RunningProduct } from '../support/product';
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
});
