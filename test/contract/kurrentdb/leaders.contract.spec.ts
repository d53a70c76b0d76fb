import { someEvent, someMetadata, someStream } from '../event-store/kit';
import { selfSigned } from '../../support/kurrentdb/certificate';
import { TransactionLog } from '../../support/kurrentdb/log';
import { TestServer } from '../../support/kurrentdb/server';
import { DEADLINE, another, endAll, running, storeOn } from './running';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

afterEach(endAll);

const one = (stream = someStream()) => [{ stream, expected: 'any' as const, events: [someEvent(1)] }];
const two = () => [...one(), ...one()];

describe('a change of the leader', () => {
  it('is followed where the old one says who is, by appends, reads and subscriptions', async () => {
    const log = new TransactionLog();
    const leader = await another({ log });
    const { server, store } = await running({ log });
    server.leaderElsewhere = leader.port;
    const stream = someStream();
    // It says for certain that nothing is written: any expectation is sent again.
    await store.append(one(stream), someMetadata());
    expect(leader.appends).toEqual(['batch']);
    expect(await store.readStream(stream)).toHaveLength(1);
    const fresh = storeOn(server.url());
    const messages = fresh.subscribe({ after: 0n, signal: AbortSignal.timeout(10_000) });
    const { value } = await messages[Symbol.asyncIterator]().next();
    expect(value).toMatchObject({ kind: 'events', events: [{ stream }] });
  });

  it('is survived by writes to several streams, which fail without saying where the leader is', async () => {
    const { server, store } = await running();
    server.faults.add({ kind: 'follower' });
    const appended = await store.append(two(), someMetadata());
    expect(appended.streams).toHaveLength(2);
    expect(server.appends).toEqual(['session', 'session']);
  });

  it('is asked of the cluster anew, by a new client', async () => {
    const log = new TransactionLog();
    let leaderPort = 0;
    const options = { log, leaderPort: () => leaderPort };
    const [first, second] = [await another(options), await another(options)];
    leaderPort = first.port;
    const hosts = `127.0.0.1:${first.port},127.0.0.1:${second.port}`;
    const store = storeOn(`kurrentdb://${hosts}?tls=false&defaultDeadline=5000`);
    await store.append(two(), someMetadata());
    expect(first.appends).toEqual(['session']);
    leaderPort = second.port;
    first.faults.add({ kind: 'follower' });
    await store.append(two(), someMetadata());
    expect(second.appends).toEqual(['session']);
    expect(first.appends).toHaveLength(2);
  });

  it('is not waited for for ever', async () => {
    const { server, store } = await running();
    server.faults.add({ kind: 'follower' }, { kind: 'follower' });
    await expect(store.append(two(), someMetadata())).rejects.toMatchObject({
      code: 'event-store.unavailable',
    });
  });
});

describe('a connection', () => {
  it('is made anew after the server was away, and what was written before is there', async () => {
    const { server, store } = await running();
    const stream = someStream();
    await store.append(one(stream), someMetadata());
    server.stop();
    await expect(store.append(one(stream), someMetadata())).rejects.toMatchObject({
      code: 'event-store.unavailable',
    });
    await expect(store.readStream(stream)).rejects.toMatchObject({ code: 'event-store.unavailable' });
    server.log.restarted();
    await another({ log: server.log, port: server.port });
    await store.append(one(stream), someMetadata());
    expect(await store.readStream(stream)).toHaveLength(2);
  });

  it('is found although the first search for the cluster failed: that failure is not kept', async () => {
    const idle = await TestServer.start();
    idle.stop();
    const hosts = `127.0.0.1:${idle.port},127.0.0.1:1`;
    const store = storeOn(
      `kurrentdb://${hosts}?tls=false&defaultDeadline=5000&maxDiscoverAttempts=2&discoveryInterval=10`,
    );
    await expect(store.append(one(), someMetadata())).rejects.toMatchObject({
      code: 'event-store.unavailable',
    });
    await another({ port: idle.port });
    expect((await store.append(one(), someMetadata())).streams).toHaveLength(1);
  });

  it('is given up in time where the server takes a read and never answers', async () => {
    const { server, store } = await running({}, DEADLINE);
    server.silent = true;
    const begun = performance.now();
    await expect(store.readStream(someStream())).rejects.toMatchObject({ code: 'event-store.unavailable' });
    await expect(store.head()).rejects.toMatchObject({ code: 'event-store.unavailable' });
    expect(performance.now() - begun).toBeLessThan(6 * DEADLINE);
  });

  it('says what is wrong with its string, and none of its text', () => {
    const dark = 'kurrentdb://admin:hunter2@127.0.0.1?tlsCAFile=/nowhere/hunter2.pem';
    expect(() => storeOn(dark)).toThrow(
      expect.objectContaining({
        code: 'event-store.connection-string',
        message: expect.not.stringContaining('hunter2'),
      }),
    );
  });
});

describe('TLS and credentials', () => {
  const tls = selfSigned();
  const password = 'p@ss:w%rd?/#';
  const start = () => another({ tls, users: { admin: password } });
  let folder: string;
  let trusted: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'guanxi-tls-'));
    writeFileSync(join(folder, 'ca.pem'), tls.certificate);
    trusted = `tls=true&tlsCAFile=${join(folder, 'ca.pem')}&defaultDeadline=5000`;
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const login = (port: number, secret: string, options: string) =>
    storeOn(`kurrentdb://admin:${encodeURIComponent(secret)}@127.0.0.1:${port}?${options}`);

  it('carry appends, reads and subscriptions, with a password that must be encoded', async () => {
    const server = await start();
    const store = login(server.port, password, trusted);
    const stream = someStream();
    await store.append(one(stream), someMetadata());
    await store.append(two(), someMetadata());
    expect(await store.readStream(stream)).toHaveLength(1);
    const stop = new AbortController();
    const seen: unknown[] = [];
    for await (const message of store.subscribe({ after: 0n, signal: stop.signal })) {
      if (message.kind === 'live') stop.abort();
      else seen.push(...message.events);
    }
    expect(seen).toHaveLength(3);
  });

  it('are refused with a code of their own where the password is wrong, wherever it is told', async () => {
    const server = await start();
    const store = login(server.port, 'hunter2', trusted);
    const denied = expect.objectContaining({
      code: 'event-store.access-denied',
      message: expect.not.stringContaining('hunter2'),
    });
    await expect(store.append(one(), someMetadata())).rejects.toEqual(denied);
    await expect(store.append(two(), someMetadata())).rejects.toEqual(denied);
    await expect(store.readStream(someStream())).rejects.toEqual(denied);
    await expect(store.head()).rejects.toEqual(denied);
    const messages = store.subscribe({ after: 0n, signal: new AbortController().signal });
    await expect(messages[Symbol.asyncIterator]().next()).rejects.toEqual(denied);
  });

  it('fail where the certificate is not trusted, and pass where it need not be', async () => {
    const server = await start();
    const careful = login(server.port, password, 'tls=true&defaultDeadline=1000');
    await expect(careful.head()).rejects.toMatchObject({ code: 'event-store.unavailable' });
    const careless = login(server.port, password, 'tls=true&tlsVerifyCert=false&defaultDeadline=5000');
    expect(await careless.head()).toEqual({ position: 0n });
  });
});
