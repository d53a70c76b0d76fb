import { randomUUID } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { POISON } from './testing/counters';
import { ADMIN, Edge, answersIn } from './testing/edge';

const open = (name: string, more: object = {}) => ({ command: 'OpenCounter', data: { name }, ...more });
const raise = (id: string, by = 1, more: object = {}) => ({
  command: 'RaiseCounter',
  id,
  data: { by },
  ...more,
});

describe('many commands in one call', () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await Edge.start();
  });
  afterAll(() => edge.stop());

  /** A call whose body is sent piece by piece. */
  const begin = (): { sending: ClientRequest; answer: Promise<IncomingMessage> } => {
    const sending = request(`${edge.product.url}/v1/commands`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/x-ndjson' },
    });
    return {
      sending,
      answer: new Promise((resolve, reject) => {
        sending.on('response', resolve).on('error', reject);
      }),
    };
  };

  it('answers every line in the order of the input', async () => {
    const keys = Array.from({ length: 600 }, () => randomUUID());
    const answers = await edge.bulk(keys.map((key) => open('Many', { key })));
    expect(answers.map(({ key }) => key)).toEqual(keys);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['accepted']));
    expect(new Set(answers.map(({ position }) => position)).size).toBe(600);
  });

  it('carries out the commands of one thing one after the other', async () => {
    const id = randomUUID();
    const answers = await edge.bulk([open('One', { id }), ...Array.from({ length: 50 }, () => raise(id))]);
    expect(answers.map(({ revision }) => revision)).toEqual(Array.from({ length: 51 }, (_, n) => n));
  });

  it('waits for what a command refers to', async () => {
    const [parent, child] = [randomUUID(), randomUUID()];
    const answers = await edge.bulk([
      open('Parent', { id: parent }),
      { command: 'OpenCounter', id: child, data: { name: 'Child', partOf: parent } },
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
  });

  it('adds nothing when it is repeated, and answers with what the first time gave', async () => {
    const lines = [open('Again', { key: randomUUID() }), open('Again', { key: randomUUID() })];
    const first = await edge.bulk(lines);
    const { position } = await edge.product.store.head();
    const second = await edge.bulk(lines);
    expect(second).toEqual(first.map((answer) => ({ ...answer, status: 'unchanged' })));
    expect(await edge.product.store.head()).toEqual({ position });
  });

  it.each([
    ['no JSON', '{"command":"OpenCounter"', 'body.malformed', 'malformed', ''],
    ['a list', '[1]', 'input.invalid', 'isObject', ''],
    ['an unknown command', '{"command":"OpenSesame"}', 'command.unknown', 'isCommand', '/command'],
    [
      'an unknown field of the line',
      '{"command":"OpenCounter","dta":{}}',
      'input.invalid',
      'unknownField',
      '/dta',
    ],
    [
      'an unknown field of the data',
      '{"command":"OpenCounter","data":{"name":"A","x":1}}',
      'input.invalid',
      'unknownField',
      '/data/x',
    ],
    ['a bad id', '{"command":"RaiseCounter","id":"7","data":{"by":1}}', 'input.invalid', 'isUuid', '/id'],
    ['a missing id', '{"command":"RaiseCounter","data":{"by":1}}', 'input.invalid', 'required', '/id'],
    ['a bad key', '{"command":"OpenCounter","key":7,"data":{"name":"A"}}', 'input.invalid', 'length', '/key'],
    [
      'a moment in the future',
      '{"command":"OpenCounter","occurredAt":"2999-01-01T00:00:00Z","data":{"name":"A"}}',
      'input.invalid',
      'notInFuture',
      '/occurredAt',
    ],
    [
      'a line over the limit',
      JSON.stringify(open('x'.repeat(1_000_001))),
      'body.too-large',
      undefined,
      undefined,
    ],
    [
      'a NUL character',
      '{"command":"OpenCounter","data":{"name":"\\u0000"}}',
      'body.unstorable',
      'unstorable',
      '',
    ],
  ])('refuses %s by its line and goes on', async (_what, line, code, rule, pointer) => {
    const answers = await edge.bulk([open('Before'), '', line, '  ', open('After')]);
    expect(answers.map(({ status }) => status)).toEqual(['accepted', 'refused', 'accepted']);
    expect(answers[1]).toMatchObject({
      line: 3,
      problem: { code, detail: expect.stringMatching(/^line 3: /) },
    });
    expect(answers[1].problem.errors?.[0]).toEqual(
      rule === undefined ? undefined : expect.objectContaining({ rule, pointer }),
    );
  });

  it('refuses a line that is not UTF-8 and goes on', async () => {
    const lines = Buffer.concat([
      Buffer.from(`${JSON.stringify(open('A'))}\n{"command":"OpenCounter","data":{"name":"`),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`"}}\n${JSON.stringify(open('B'))}`),
    ]);
    const response = await fetch(`${edge.product.url}/v1/commands`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/x-ndjson' },
      body: lines,
    });
    const answers = answersIn(await response.text());
    expect(answers.map(({ status }) => status)).toEqual(['accepted', 'refused', 'accepted']);
    expect(answers[1].problem.code).toBe('body.encoding');
  });

  it('says nothing about a fault of its own in a line, and goes on', async () => {
    const id = randomUUID();
    const answers = await edge.bulk([open('A', { id }), raise(id, POISON), raise(id, 1)]);
    expect(answers.map(({ status }) => status)).toEqual(['accepted', 'refused', 'accepted']);
    expect(answers[1].problem).toMatchObject({ status: 500, code: 'internal' });
    expect(JSON.stringify(answers[1])).not.toMatch(/Jane/);
  });

  it('refuses the lines for whose command the key lacks the role', async () => {
    const { body } = await edge.post('/v1/api-keys', { name: 'sender', roles: ['send'] });
    const id = randomUUID();
    const { text } = await edge.call('POST', '/v1/commands', {
      body: [open('A', { id }), { command: 'CloseCounter', id }]
        .map((line) => JSON.stringify(line))
        .join('\n'),
      headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${body.key}` },
    });
    const answers = answersIn(text);
    expect(answers[0].status).toBe('accepted');
    expect(answers[1].problem).toMatchObject({
      status: 403,
      code: 'auth.role-missing',
      facts: { needs: ['steer'] },
    });
  });

  it('answers nothing to nothing, and refuses another content type', async () => {
    expect(await edge.bulk([''])).toEqual([]);
    expect((await edge.post('/v1/commands', [])).body).toMatchObject({
      status: 415,
      code: 'media.unsupported',
    });
  });

  it('answers while the caller still sends', async () => {
    const { sending, answer } = begin();
    sending.write(`${JSON.stringify(open('Early'))}\n`);
    const response = await answer;
    const iterator = response[Symbol.asyncIterator]();
    const first = await iterator.next();
    expect(JSON.parse(String(first.value)).status).toBe('accepted');
    sending.end(`${JSON.stringify(open('Late'))}\n`);
    let rest = '';
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      rest += String(next.value);
    expect(answersIn(rest)).toHaveLength(1);
  });

  it('keeps what was sent whole when the caller breaks off in the middle of a line', async () => {
    const [whole, half] = [randomUUID(), randomUUID()];
    const { sending, answer } = begin();
    const line = JSON.stringify(open('Half', { id: half }));
    sending.write(`${JSON.stringify(open('Whole', { id: whole }))}\n${line.slice(0, -4)}`);
    const response = await answer;
    const broken = new Promise((resolve) => response.on('error', resolve).on('close', resolve));
    sending.destroy();
    await broken;
    const { store } = edge.product;
    expect(await store.readStream(`counter-${whole}`)).toHaveLength(1);
    expect(await store.readStream(`counter-${half}`)).toHaveLength(0);
    expect((await edge.get('/health/live')).status).toBe(200);
  });

  it('reads no further than the window as long as nobody reads the answers', async () => {
    const { sending, answer } = begin();
    const piece = Array.from(
      { length: 500 },
      () => `${JSON.stringify({ command: 'x'.repeat(2_000) })}\n`,
    ).join('');
    let sent = 0;
    const full = new Promise<void>((resolve) => {
      const send = (): void => {
        while (sent < 200) {
          sent += 1;
          if (!sending.write(piece)) {
            const stalled = setTimeout(resolve, 1_000);
            sending.once('drain', () => {
              clearTimeout(stalled);
              send();
            });
            return;
          }
        }
        resolve();
      };
      send();
    });
    const response = await answer;
    await full;
    expect(sent).toBeLessThan(200);
    let answers = 0;
    sending.end();
    for await (const chunk of response) answers += String(chunk).split('\n').length - 1;
    expect(answers).toBe(sent * 500);
  });
});
