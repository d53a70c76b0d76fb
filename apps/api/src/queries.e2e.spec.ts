import { randomUUID } from 'node:crypto';
import { Edge, answersIn } from './testing/edge';

describe('queries over HTTP', () => {
  let edge: Edge;
  let position: string;
  const ids: string[] = [];

  beforeAll(async () => {
    edge = await Edge.start();
    const names = ['=cmd()', 'alpha', 'beta "quoted", twice', 'gamma\nline', 'delta', 'alpha'];
    for (const [index, name] of names.entries()) {
      const { body } = await edge.post('/v1/counters', { name });
      ids.push(body.id);
      position = (await edge.post(`/v1/counters/${body.id}/raise`, { by: index + 1 })).body.position;
    }
  });
  afterAll(() => edge.stop());

  const seen = () => ({ 'guanxi-min-position': position });

  it('reads what was just written, and says for which moment it speaks', async () => {
    const { status, body } = await edge.get('/v1/counters/sum', seen());
    expect(status).toBe(200);
    expect(body).toEqual({
      asOf: expect.stringMatching(/Z$/),
      asKnownAt: expect.stringMatching(/Z$/),
      position,
      policyVersion: 0,
      sum: 21,
    });
  });

  it('answers for a past moment and for past knowledge', async () => {
    const [, second] = await edge.product.store.readStream(`counter-${ids[0]}`);
    const happened = encodeURIComponent(second?.occurredAt ?? '');
    expect((await edge.get(`/v1/counters/sum?asOf=${happened}`, seen())).body.sum).toBe(1);
    const learned = encodeURIComponent(second?.recordedAt ?? '');
    expect((await edge.get(`/v1/counters/sum?asKnownAt=${learned}`, seen())).body.sum).toBe(1);
  });

  it.each([
    ['/v1/counters/sum?asOf=2026-01-01', 'asOf', 'isInstant'],
    ['/v1/counters/sum?asOf=2026-01-01T00:00:00', 'asOf', 'isInstant'],
    ['/v1/counters/sum?asKnownAt=yesterday', 'asKnownAt', 'isInstant'],
    ['/v1/counters/sum?asOf=2026-01-01T00:00:00Z&asOf=2026-01-01T00:00:00Z', 'asOf', 'isInstant'],
    ['/v1/counters/sum?as_of=2026-01-01T00:00:00Z', 'as_of', 'unknownField'],
    ['/v1/counters?colour=red', 'colour', 'unknownField'],
    ['/v1/counters?limit=0', 'limit', 'min'],
    ['/v1/counters?limit=many', 'limit', 'isInt'],
    ['/v1/counters?limit=1001', 'limit', 'max'],
    ['/v1/counters?status=open,ajar', 'status', 'isIn'],
    ['/v1/counters?sort=colour', 'sort', 'isIn'],
    ['/v1/counters?sort=constructor', 'sort', 'isIn'],
    ['/v1/counters?sort=na%00me', 'sort', 'noNul'],
    ['/v1/counters/17', 'id', 'isUuid'],
  ])('refuses %s', async (path, field, rule) => {
    const { status, body } = await edge.get(path);
    expect(status).toBe(400);
    expect(body.errors).toContainEqual(expect.objectContaining({ field, rule }));
  });

  it('refuses a position that is none, and waits no longer than it may for one that does not come', async () => {
    const none = await edge.get('/v1/counters/sum', { 'guanxi-min-position': 'soon' });
    expect([none.status, none.body.errors[0].field]).toEqual([400, 'Guanxi-Min-Position']);
    const late = await edge.get('/v1/counters/sum', { 'guanxi-min-position': '999999' });
    expect([late.status, late.body.code, late.headers.get('retry-after')]).toEqual([
      504,
      'query.behind',
      '1',
    ]);
    expect(Number(late.body.facts.lag)).toBeGreaterThan(900_000);
  }, 20_000);

  it('answers 404 for one that is not there', async () => {
    expect((await edge.get(`/v1/counters/${randomUUID()}`)).body).toMatchObject({
      status: 404,
      code: 'counter.unknown',
    });
  });

  it.each(['name', '-name', 'total', '-total'])(
    'pages through all by %s without a gap or a repeat',
    async (sort) => {
      const whole = (await edge.get(`/v1/counters?sort=${sort}`, seen())).body.items.map(
        ({ id }: { id: string }) => id,
      );
      const paged: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const path = `/v1/counters?limit=2&sort=${sort}${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const { body } = await edge.get(path, seen());
        expect(body.items.length).toBeLessThanOrEqual(2);
        paged.push(...body.items.map(({ id }: { id: string }) => id));
        cursor = body.nextCursor;
      }
      expect(paged).toEqual(whole);
      expect(new Set(paged).size).toBe(ids.length);
    },
  );

  it('refuses a cursor of another sort, another filter, and one that was made up', async () => {
    const { nextCursor } = (await edge.get('/v1/counters?limit=2&sort=name', seen())).body;
    for (const other of ['sort=-name', 'sort=name&status=open', 'sort=name&asOf=2026-01-01T00:00:00Z']) {
      const { status, body } = await edge.get(`/v1/counters?limit=2&${other}&cursor=${nextCursor}`);
      expect([status, body.code]).toEqual([400, 'cursor.other-list']);
    }
    for (const made of ['x', Buffer.from('["a","b","c"]').toString('base64url'), nextCursor.slice(0, -8)]) {
      const { status, body } = await edge.get(`/v1/counters?sort=name&cursor=${made}`);
      expect([status, body.code]).toEqual([400, 'cursor.malformed']);
    }
  });

  it('filters by values between commas, repeated values and a bound', async () => {
    expect((await edge.get('/v1/counters?status=open,closed&atLeast=4', seen())).body.items).toHaveLength(3);
    expect((await edge.get('/v1/counters?status=open&status=closed', seen())).body.items).toHaveLength(6);
    expect((await edge.get('/v1/counters?status=closed', seen())).body).toMatchObject({
      items: [],
      nextCursor: null,
    });
  });

  it('exports CSV that a spreadsheet takes for text, with what the envelope says in headers', async () => {
    const { status, headers, text } = await edge.get('/v1/counters?sort=total&limit=4', {
      accept: 'text/csv',
      ...seen(),
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(headers.get('guanxi-position')).toBe(position);
    expect(headers.get('guanxi-as-of')).toMatch(/Z$/);
    expect(headers.get('guanxi-next-cursor')).toMatch(/^[\w-]+$/);
    expect(text).toBe(
      [
        'id,name,total,status',
        `${ids[0]},"'=cmd()",1,open`,
        `${ids[1]},alpha,2,open`,
        `${ids[2]},"beta ""quoted"", twice",3,open`,
        `${ids[3]},"gamma\nline",4,open`,
        '',
      ].join('\r\n'),
    );
  });

  it('exports lines of JSON, with more rows in a page than JSON takes', async () => {
    const { headers, text } = await edge.get('/v1/counters?limit=50000', {
      accept: 'application/x-ndjson',
      ...seen(),
    });
    expect(headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(answersIn(text)).toHaveLength(6);
    expect(headers.get('guanxi-next-cursor')).toBeNull();
  });

  it('answers 406 for a form that it does not have, naming those it has', async () => {
    const xml = await edge.get('/v1/counters', { accept: 'application/xml' });
    expect([xml.status, xml.body.code]).toEqual([406, 'answer.not-acceptable']);
    expect(xml.body.detail).toMatch(/text\/csv/);
    expect((await edge.get('/v1/counters/sum', { accept: 'text/csv' })).status).toBe(406);
  });
});
