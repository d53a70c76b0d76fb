import { JsonLog } from './json-log';

describe('the log', () => {
  const written = (
    level: 'error' | 'warn' | 'info' | 'debug',
    use: (log: JsonLog) => void,
  ): Record<string, unknown>[] => {
    const lines: string[] = [];
    const log = new JsonLog(level, (text) => lines.push(text));
    use(log);
    log.flush();
    return lines
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  };

  it('writes an object a line and leaves out what is less severe than asked for', () => {
    const lines = written('warn', (log) => {
      log.info('not this');
      log.warn({ event: 'late', position: 12n }, 'part');
      log.error('bad');
    });
    expect(lines).toEqual([
      { time: expect.stringMatching(/Z$/), level: 'warn', part: 'part', event: 'late', position: '12' },
      { time: expect.stringMatching(/Z$/), level: 'error', message: 'bad' },
    ]);
  });

  it('keeps values of rows out, which PostgreSQL puts into its messages', () => {
    const error = Object.assign(new Error('duplicate key (name)=(Jane Doe)'), {
      severity: 'ERROR',
      code: '23505',
      constraint: 'customers_pkey',
      detail: 'Key (name)=(Jane Doe) exists',
    });
    const [line] = written('error', (log) => {
      log.error({ event: 'internal', error });
    });
    expect(line).toMatchObject({
      error: { name: 'PostgresError', code: '23505', message: 'constraint customers_pkey' },
    });
    expect(JSON.stringify(line)).not.toMatch(/Jane/);
  });
});
