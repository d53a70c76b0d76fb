import { setTimeout as pause } from 'node:timers/promises';
import type { Ran } from '../testing/ran';
import { Running } from '../testing/running';

const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/;

describe('guanxi webhooks', () => {
  let running: Running;
  beforeAll(async () => {
    running = await Running.start();
  });
  afterAll(() => running.stop());

  const guanxi = (...argv: readonly string[]): Promise<Ran> => running.guanxi(...argv);
  // Names below .invalid lead nowhere, by definition: deliveries there fail and leave the machine alone.
  const data = JSON.stringify({ url: 'https://receiver.invalid/', topics: ['guanxi.deals'] });

  it('shows the secret of a new one once, lists it, its deliveries and their errors, and replays', async () => {
    expect((await guanxi('webhooks', 'list')).out).toContain('no webhook is registered');
    const first = await guanxi('send', 'RegisterWebhook', '--key', 'once', '--data', data);
    expect(first.out).toMatch(/whsec_[A-Za-z0-9+/]{43}=\nKeep it now/);
    const again = await guanxi('send', 'RegisterWebhook', '--key', 'once', '--data', data);
    expect(again.out).not.toContain('whsec_');
    expect(again.out).toContain('RotateWebhookSecret');
    const id = UUID.exec(first.out)?.[0] ?? '';
    const listed = await guanxi('webhooks', 'list');
    expect(listed.out).toContain(id);
    expect(listed.out).toContain('enabled');

    const deal = '{"title":"A deal","value":{"amount":1,"currency":"CNY"}}';
    await guanxi('send', 'OpenDeal', '--data', deal);
    const waiting = (): Promise<Ran> => guanxi('webhooks', 'deliveries', id, '--status', 'waiting');
    while (!(await waiting()).out.includes('guanxi.deal-opened.v1')) await pause(50);
    const { out } = await waiting();
    expect(out).toMatch(/DNS/);
    const [, delivery = ''] = new RegExp(`(${UUID.source})  guanxi.deal-opened`).exec(out) ?? [];
    expect(await guanxi('webhooks', 'retry', id, delivery)).toMatchObject({ code: 0 });
    expect(await guanxi('webhooks', 'replay', id, '--after', '0')).toMatchObject({ code: 0 });
  });

  it('says what is wrong', async () => {
    const id = '018f3f5e-0000-7000-8000-000000000001';
    expect(await guanxi('webhooks', 'replay', id)).toMatchObject({ code: 2 });
    expect(await guanxi('webhooks', 'deliveries', id, '--limit', '0')).toMatchObject({ code: 2 });
    const unknown = await guanxi('webhooks', 'deliveries', id);
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('there is no such webhook');
  });
});
