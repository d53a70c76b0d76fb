import { join } from 'node:path';
import { loadConfig } from './config';
import { ConfigError } from './config-error';

const load = (env: NodeJS.ProcessEnv) => loadConfig(env, '/project');

const problemsOf = (env: NodeJS.ProcessEnv): readonly { variable: string; rule: string }[] => {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('loadConfig', () => {
  it('needs nothing and binds to loopback', () => {
    expect(load({ PATH: '/bin' })).toEqual({
      host: '127.0.0.1',
      port: 3000,
      dataDir: join('/project', '.guanxi'),
      role: 'all',
      logLevel: 'info',
      client: {},
    });
  });

  it('reads every variable', () => {
    expect(
      load({
        GUANXI_HOST: '0.0.0.0',
        GUANXI_PORT: '0',
        GUANXI_DATA_DIR: '/var/lib/guanxi',
        GUANXI_ADMIN_KEY: 'k'.repeat(16),
        GUANXI_ROLE: 'worker',
        GUANXI_LOG_LEVEL: 'debug',
        GUANXI_ACCEPT_UNSAFE: 'fsync, synchronous_commit,fsync',
        DATABASE_URL: 'postgresql://me:pw@db:5432/guanxi',
        KURRENTDB_URL: 'kurrentdb://me:pw@one:2113,two:2113?tls=true',
        GUANXI_URL: 'https://guanxi.example',
        GUANXI_API_KEY: 'c'.repeat(20),
      }),
    ).toEqual({
      host: '0.0.0.0',
      port: 0,
      dataDir: '/var/lib/guanxi',
      adminKey: 'k'.repeat(16),
      role: 'worker',
      logLevel: 'debug',
      databaseUrl: 'postgresql://me:pw@db:5432/guanxi',
      kurrentUrl: 'kurrentdb://me:pw@one:2113,two:2113?tls=true',
      acceptUnsafe: ['fsync', 'synchronous_commit'],
      client: { url: 'https://guanxi.example', apiKey: 'c'.repeat(20) },
    });
  });

  it('takes a variable that is set to nothing as unset', () => {
    expect(load({ GUANXI_PORT: '', GUANXI_ADMIN_KEY: '', DATABASE_URL: '', KAFKA_BROKERS: '' })).toEqual(
      load({}),
    );
  });

  it.each([
    ['GUANXI_PORT', '65536', /whole number from 0 to 65535/],
    ['GUANXI_PORT', '-1', /whole number from 0 to 65535/],
    ['GUANXI_PORT', '3000x', /whole number from 0 to 65535/],
    ['GUANXI_PORT', ' 3000', /whole number from 0 to 65535/],
    ['GUANXI_HOST', 'http://localhost', /IP address or a host name/],
    ['GUANXI_HOST', 'localhost:3000', /IP address or a host name/],
    ['GUANXI_HOST', 'a b', /IP address or a host name/],
    ['GUANXI_ROLE', 'ALL', /one of all, api, worker/],
    ['GUANXI_LOG_LEVEL', 'verbose', /one of error, warn, info, debug/],
    ['GUANXI_ACCEPT_UNSAFE', 'fsync,wal_level', /fsync, full_page_writes, synchronous_commit/],
    ['GUANXI_ACCEPT_UNSAFE', 'all', /fsync, full_page_writes, synchronous_commit/],
    ['GUANXI_ACCEPT_UNSAFE', 'fsync,', /fsync, full_page_writes, synchronous_commit/],
    ['GUANXI_ACCEPT_UNSAFE', 'constructor', /fsync, full_page_writes, synchronous_commit/],
    ['GUANXI_ADMIN_KEY', 'fifteen-letters', /16 to 256 printable ASCII characters/],
    ['GUANXI_ADMIN_KEY', 'sixteen letters!', /16 to 256 printable ASCII characters/],
    ['GUANXI_API_KEY', 'short', /16 to 256 printable ASCII characters/],
    ['GUANXI_URL', 'guanxi.example', /http:\/\/ or https:\/\//],
    ['DATABASE_URL', 'mysql://db/guanxi', /postgres:\/\/ or postgresql:\/\//],
    ['KURRENTDB_URL', 'http://node:2113', /kurrentdb:\/\/ or kurrentdb\+discover:\/\//],
  ])('refuses %s=%s with its rule', (variable, value, rule) => {
    expect(problemsOf({ [variable]: value })).toEqual([{ variable, rule: expect.stringMatching(rule) }]);
  });

  it.each(['::1', '::', 'fe80::1%eth0', '10.0.0.7', 'localhost', 'api.internal', 'my_host'])(
    'accepts the host %s when it is named explicitly',
    (host) => {
      expect(load({ GUANXI_HOST: host }).host).toBe(host);
    },
  );

  it('names the nearest known variable for an unknown one', () => {
    expect(() => load({ GUANXI_PROT: '80' })).toThrow('GUANXI_PROT is not known; did you mean GUANXI_PORT?');
    expect(() => load({ GUANXI_SOMETHING_ELSE: 'x' })).toThrow(
      /GUANXI_SOMETHING_ELSE is not known; known are GUANXI_HOST/,
    );
  });

  it('reports every problem at once, one a line', () => {
    expect(() => load({ GUANXI_PORT: 'x', GUANXI_ROLE: 'y' })).toThrow(
      'GUANXI_PORT must be a whole number from 0 to 65535 (0 takes any free port)\nGUANXI_ROLE must be one of all, api, worker',
    );
  });

  it('never repeats a secret', () => {
    const wrong = {
      GUANXI_ADMIN_KEY: 'hunter2',
      GUANXI_API_KEY: 'hunter2',
      DATABASE_URL: 'hunter2://hunter2',
      KURRENTDB_URL: 'hunter2://hunter2',
      GUANXI_ADMIN_KEYS: 'hunter2',
    };
    expect(problemsOf(wrong)).toHaveLength(5);
    expect(() => load(wrong)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});
