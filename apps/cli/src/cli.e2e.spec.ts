import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queries } from './commands/query-table';
import { isRecord } from './import/types';
import { at } from './show/table';
import { ran } from './testing/ran';
import { Running } from './testing/running';

const UNTIL = '2026-07-01';

describe('the client against the running product', () => {
  let running: Running;
  beforeAll(async () => {
    running = await Running.start();
  });
  afterAll(() => running.stop());

  const guanxi = (...argv: readonly string[]) => running.guanxi(...argv);
  const one = async (...argv: readonly string[]): Promise<Readonly<Record<string, unknown>>> => {
    const { json, err, code } = await guanxi(...argv, '--json');
    if (!isRecord(json) || code !== 0) throw new Error(`${argv.join(' ')}: ${JSON.stringify(json)} ${err}`);
    return json;
  };
  const first = async (...argv: readonly string[]): Promise<Readonly<Record<string, unknown>>> => {
    const { items } = await one(...argv);
    const item: unknown = Array.isArray(items) ? items[0] : undefined;
    if (!isRecord(item)) throw new Error(`${argv.join(' ')}: nothing found`);
    return item;
  };

  it('simulates a company of which every command is accepted, and a second time adds nothing', async () => {
    const argv = ['simulate', '--years', '1', '--seed', 'e2e', '--until', UNTIL];
    const { refusals, refused, unchanged, accepted, commands } = await one(...argv);
    expect(refusals).toEqual([]);
    expect([refused, unchanged]).toEqual([0, 0]);
    expect(accepted).toBe(commands);
    expect(await one(...argv)).toMatchObject({ accepted: 0, unchanged: commands, refused: 0 });
  });

  it('counts the simulated company right', async () => {
    await running.caughtUp();
    const board = await one('board');
    const { items } = await one('deals', '--status', 'open', '--limit', '1000');
    expect(board['total']).toMatchObject({ count: Array.isArray(items) ? items.length : -1 });
    const waterfall = await one('waterfall', '--from', '2026-01-01', '--to', UNTIL);
    const then = await one('board', '--as-of', '2026-01-01');
    expect(waterfall['opening']).toMatchObject({
      count: isRecord(then['total']) ? then['total']['count'] : undefined,
    });
    expect(await one('churn', '--from', '2026-01-01', '--to', UNTIL)).toHaveProperty(
      'total.lost',
      expect.any(Number),
    );
  });

  it.each([
    [['board', '--by', 'owner'], /S-\d\d.*CNY/],
    [['waterfall', '--from', '2026-01-01'], /opening deals/],
    [['flow', '--from', '2026-01-01', '--by', 'quarter'], /2026-Q1/],
    [['churn', '--from', '2026-01-01', '--by', 'kind'], /intermediary/],
    [['pyramid'], /vip/],
    [['rfm'], /champions/],
    [['complaints', '--by', 'cause'], /timeliness/],
    [['deals', '--status', 'won', '--limit', '2'], /--cursor/],
    [['customers', '--region', 'East'], /East/],
    [['events', '--type', 'deal-won.v1', '--limit', '2'], /--after/],
    [['flow', '--from', '2026-01-01'], /reasons of loss\nreason/],
    [['pyramid'], /from +2\d{3}-/],
    [['churn'], /from +2\d{3}-/],
    [['get', '/v1/complaints', 'limit=1'], /CASE-.*more with cursor=/s],
    [['get', 'events', 'limit=1'], /more with after=\d/],
    [['commands'], /AdvanceDeal/],
    [['commands', 'advancedeal'], /"to": "C"/],
    [['board', '--as-of', '2026-01-01', '--as-known-at', '2020-01-01'], /as known at 2020-01-01T00:00:00/],
  ])('shows %j to people', async (argv, words) => {
    const { code, out, err } = await guanxi(...argv);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(words);
  });

  it.each(queries.map((query) => [query.name, query] as const))(
    'offers for %s what the server takes',
    async (_name, query) => {
      const document: unknown = await (await fetch(`${running.product.url}/openapi.json`)).json();
      const paths = isRecord(document) ? document['paths'] : undefined;
      const path = isRecord(paths) ? paths[`/${query.path.replace(':id', '{id}')}`] : undefined;
      const parameters = at(path, 'get.parameters');
      const known = (Array.isArray(parameters) ? parameters : []).map((parameter) => at(parameter, 'name'));
      const sent = query.options.map((name) =>
        name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
      );
      expect(known).toEqual(expect.arrayContaining(sent));
    },
  );

  it.each([
    [['board', '--by', 'owner'], /^key,.*\r\n.*S-\d\d/],
    [['board'], /^stage,count,.*\r\nE,/],
    [['flow', '--from', '2026-01-01', '--by', 'quarter'], /^key,.*\r\n2026-Q1,/],
    [['flow', '--from', '2026-01-01'], /^key,.*\r\ntotal,/],
    [['churn'], /^opening,.*\r\n\d+,/],
    [['complaints'], /^filed,.*\r\n\d+,/],
  ])('gives the groups of a split, else stages or the total, as CSV: %j', async (argv, rows) => {
    const { code, out } = await guanxi(...argv, '--csv');
    expect(code).toBe(0);
    expect(out).toMatch(rows);
  });

  it('gives rows as CSV', async () => {
    const { out } = await guanxi('pyramid', '--csv');
    expect(out.split('\r\n')[0]).toMatch(/^tier,/);
  });

  it("sends commands, keeps a key's first answer, and shows what was sent", async () => {
    const fields = ['value.amount=1250000', 'value.currency=CNY', 'title=Fleet renewal', 'externalRef="7"'];
    const made = await one('send', 'OpenDeal', '--key', 'k-1', '--occurred-at', '2026-07-02', ...fields);
    expect(made).toMatchObject({ status: 'accepted', events: ['deal-opened.v1'], revision: 0 });
    const again = await one('send', 'OpenDeal', '--key', 'k-1', '--occurred-at', '2026-07-02', ...fields);
    expect(again).toMatchObject({ id: made['id'], status: 'unchanged' });
    const position = String(made['position']);
    const deal = await one('get', `deals/${String(made['id'])}`, '--min-position', position);
    expect(deal).toMatchObject({
      title: 'Fleet renewal',
      externalRef: '7',
      openedAt: '2026-07-02T00:00:00.000Z',
    });
    expect((await guanxi('deal', String(made['id']))).out).toMatch(/value +12,500\.00 CNY/);
  });

  it('names each rule that is not met, and exits with 1', async () => {
    const id = String((await first('deals', '--stage', 'E', '--status', 'open', '--limit', '1'))['id']);
    const { code, err } = await guanxi('send', 'AdvanceDeal', '--id', id, 'to=A');
    expect(code).toBe(1);
    for (const rule of ['firstMeetingAgreed', 'budget', 'nextStep', 'verbalAgreement'])
      expect(err).toContain(`- ${rule}:`);
    const { json } = await guanxi('send', 'AdvanceDeal', '--id', id, 'to=A', '--json');
    expect(json).toMatchObject({ error: { code: 'deal.criteria-missing', status: 409, facts: { to: 'A' } } });
    const wrong = await guanxi('send', 'OpenDeal', 'value.amount=1.5', 'value.currency=CNY', 'nonsense=1');
    expect(wrong.err).toMatch(/- nonsense: .*unknownField/);
    expect(wrong.err).toMatch(/- value: .*isMoney/);
    expect((await guanxi('send', 'Fly')).err).toContain('command.unknown');
  });

  it('makes, lists and revokes keys, and knows a key that holds no longer', async () => {
    const { id, key } = await one('keys', 'create', 'reports', '--roles', 'read');
    const env = { ...running.env, GUANXI_API_KEY: String(key) };
    expect((await ran(['board'], env)).code).toBe(0);
    expect((await ran(['keys', 'list'], env)).code).toBe(1);
    expect((await guanxi('keys', 'list')).out).not.toContain(String(key));
    expect((await guanxi('keys', 'revoke', String(id))).code).toBe(0);
    const { code, err } = await ran(['board'], env);
    expect(code).toBe(1);
    expect(err).toContain('GUANXI_API_KEY');
  });

  it('finds the server in order, and a wrong key out of it', async () => {
    const healthy = await guanxi('doctor');
    expect(healthy.out).toMatch(/^ok {6}parked keys: none$/m);
    expect(healthy.out).toMatch(/^ok {6}feed: nobody reads it$/m);
    expect(healthy.code).toBe(0);
    const env = { ...running.env, GUANXI_API_KEY: 'not-a-key-at-all-of-this' };
    const { code, out } = await ran(['health'], env);
    expect(code).toBe(1);
    expect(out).toMatch(/^not ok {2}key: /m);
  });

  it('imports, and tells it in one line', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'guanxi-import-'));
    try {
      const csv = join(dir, 'p.csv');
      const map = join(dir, 'm.yaml');
      writeFileSync(csv, 'code,name\n1,One\n2,Two\n');
      writeFileSync(map, 'kind: products\nexternalKey: code\nfields:\n  name: name\n');
      expect(await one('import', 'products', csv, '--map', map)).toMatchObject({
        read: 2,
        accepted: 2,
        rejected: 0,
        counted: true,
      });
      // Without asking for a position: what was imported is there when the import has ended.
      expect((await guanxi('get', 'products')).out).toMatch(/One[^]*Two/);
      const second = await guanxi('import', 'products', csv, '--map', map);
      expect(second.out).toMatch(/^2 read: 0 accepted, 2 unchanged, 0 rejected/);
      expect((await guanxi('import', 'products', join(dir, 'none.csv'), '--map', map)).code).toBe(1);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
