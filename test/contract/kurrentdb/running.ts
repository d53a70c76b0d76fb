import type { KurrentEventStore } from '@guanxi/event-store-kurrentdb';
import { openKurrent } from '@guanxi/event-store-kurrentdb';
import type { TestServerOptions } from '../../support/kurrentdb/server';
import { TestServer } from '../../support/kurrentdb/server';

/** Short, for tests in which a server keeps silent, so that it costs them little. */
export const DEADLINE = 1_500;

export interface Running {
  readonly server: TestServer;
  readonly store: KurrentEventStore;
}

const open: { store?: KurrentEventStore; server?: TestServer }[] = [];

/** A test server and a store on it, both ended after the test that asked for them. */
export async function running(options: TestServerOptions = {}, deadline = 10_000): Promise<Running> {
  const server = await TestServer.start(options);
  open.push({ server });
  return { server, store: storeOn(server.url(`tls=false&defaultDeadline=${deadline}`)) };
}

/** Another store, ended after the test. */
export function storeOn(url: string): KurrentEventStore {
  const store = openKurrent(url);
  open.push({ store });
  return store;
}

/** Another server, ended after the test. */
export async function another(options: TestServerOptions): Promise<TestServer> {
  const server = await TestServer.start(options);
  open.push({ server });
  return server;
}

export async function endAll(): Promise<void> {
  for (const { store, server } of open.splice(0).reverse()) {
    await store?.close();
    server?.stop();
  }
}
