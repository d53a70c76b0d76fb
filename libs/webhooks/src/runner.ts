import type { EventRegistry, EventStore } from '@guanxi/event-store';
import { parseInstant, plusMilliseconds } from '@guanxi/kernel';
import { keepOn } from '@guanxi/projections';
import type { ContractBook } from '@guanxi/publishing';
import type { Pool } from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallRules } from './delivery/caller';
import { Caller } from './delivery/caller';
import { DeliveryBook, dueKeys } from './delivery/delivery-book';
import { forgetOld } from './delivery/housekeeping';
import type { WebhookLease } from './delivery/lease-book';
import { LeaseLost, WebhookLeases } from './delivery/lease-book';
import type { WebhookObserver } from './delivery/observer';
import type { DeliveryPolicy } from './delivery/policy';
import { DELIVERY_POLICY } from './delivery/policy';
import { Sending } from './delivery/sending';
import { Slots } from './delivery/slots';
import { Wanted } from './delivery/wanted';
import { WebhookRun } from './delivery/webhook-run';
import type { WebhookSecrets } from './secrets/webhook-secrets';
import type { ReplayFrom } from './domain/webhook';
import type { RegisteredWebhook } from './webhook-book';
import { WebhookBook } from './webhook-book';

/** Sends a command of the webhooks' own; it may have been sent before, under the same key. @throws DomainError */
export type SendWebhookCommand = (command: {
  readonly name: 'DisableWebhook';
  readonly id: string;
  readonly key: string;
  readonly tenant: string;
  readonly data: object;
}) => Promise<unknown>;

/** What a worker of the webhooks works with. */
export interface WebhookRunnerParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly contracts: ContractBook;
  readonly secrets: WebhookSecrets;
  readonly rules: CallRules;
  readonly send: SendWebhookCommand;
  readonly log: { info(message: string): void; warn(message: string): void };
  readonly observer?: WebhookObserver;
  /** Absent: that of the product. */
  readonly policy?: DeliveryPolicy;
}

interface Running {
  readonly lease: WebhookLease;
  readonly revision: number;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  /** Absent while it is being prepared. */
  run?: WebhookRun;
}

const HOUSEKEEPING_MILLISECONDS = 60_000;
const RETRY_MILLISECONDS = 500;
const REST_MILLISECONDS = 3_000;
const LAST_POSITION = 2n ** 63n - 1n;

/**
 * A worker of the webhooks: shares them with the other workers and delivers for those that it holds. What one leaves
 * behind, however it ended, another goes on with.
 */
export class WebhookRunner {
  private readonly stopping = new AbortController();
  private readonly policy: DeliveryPolicy;
  private readonly leases: WebhookLeases;
  private readonly book: WebhookBook;
  private readonly caller: Caller;
  private readonly slots: Slots;
  private readonly running = new Map<string, Running>();
  private readonly resting = new Map<string, { readonly reason: string; readonly until: number }>();
  private keeping: Promise<void> | undefined;
  private lastBeat = performance.now();
  private lastCleaned = -Infinity;

  constructor(private readonly parts: WebhookRunnerParts) {
    this.policy = parts.policy ?? DELIVERY_POLICY;
    this.leases = new WebhookLeases(parts.pool, this.policy);
    this.book = new WebhookBook(parts.store);
    this.caller = new Caller(parts.rules, this.policy, Date.now);
    this.slots = new Slots(this.policy.atOnceOfProcess);
  }

  /** Starts to work in the background. */
  start(): void {
    const { signal } = this.stopping;
    const options = { name: 'webhooks', signal, restMilliseconds: RETRY_MILLISECONDS, warn: this.warn };
    this.keeping = keepOn(() => this.keep(signal), options);
  }

  /** Ends what is under way, gives everything back and stops. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.keeping;
    await this.endAll(() => true);
    await this.leases.leave().catch(() => undefined);
    await this.caller.close();
  }

  private async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.beat();
      } catch (error) {
        // Whoever cannot show that he lives is taken for dead.
        if (performance.now() - this.lastBeat > this.policy.lease) await this.endAll(() => true);
        throw error;
      }
      await this.clean();
      await pause(this.policy.beat, undefined, { signal }).catch(() => undefined);
    }
  }

  private async beat(): Promise<void> {
    const all = await this.book.all();
    const enabled = new Map(
      all.filter(({ webhook }) => webhook.status === 'enabled').map((each) => [each.id, each]),
    );
    const begun = performance.now();
    const held = await this.leases.beat(
      [...enabled.values()].map(({ id, registeredAt, webhook: { enabledAtRevision } }) => ({
        ...{ id, registeredAt, enabledAtRevision },
      })),
    );
    this.lastBeat = begun;
    const tokens = new Map(held.map((lease) => [lease.webhook, lease]));
    await this.endAll(
      (running, id) =>
        tokens.get(id)?.token !== running.lease.token || enabled.get(id)?.revision !== running.revision,
    );
    for (const [id, lease] of tokens) {
      const registered = enabled.get(id);
      const rests = (this.resting.get(id)?.until ?? 0) > performance.now();
      if (registered && !this.running.has(id) && !rests) this.begin(registered, lease);
    }
    const due = await dueKeys(this.parts.pool, [...this.running.keys()]);
    for (const [id, { run }] of this.running) run?.hurry(due.filter(({ webhook }) => webhook === id));
  }

  private begin(registered: RegisteredWebhook, lease: WebhookLease): void {
    const abort = new AbortController();
    const { id, revision } = registered;
    const ended = this.prepare(registered, lease)
      .then(async (run) => {
        const own = this.running.get(id);
        if (own) own.run = run;
        await run.run(abort.signal);
      })
      .catch((error: unknown) => {
        this.rest(id, error);
      })
      .finally(() => {
        this.running.delete(id);
      });
    this.running.set(id, { lease, revision, abort, ended });
  }

  /** What fails for a reason that is not the receiver's is begun again a little later; the same reason is told once. */
  private rest(id: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof LeaseLost) {
      this.parts.log.info(reason);
      return;
    }
    if (this.resting.get(id)?.reason !== reason)
      this.warn(`deliveries to webhook ${id} stopped: ${reason}; beginning again until it goes`);
    this.resting.set(id, { reason, until: performance.now() + REST_MILLISECONDS });
  }

  private async prepare(registered: RegisteredWebhook, lease: WebhookLease): Promise<WebhookRun> {
    const { pool, store, registry, contracts, observer, send } = this.parts;
    const { id, webhook, tenant } = registered;
    const book = new DeliveryBook(pool, lease);
    const standing = await book.begin(registered, (from) => this.placeOf(from));
    const { url } = webhook.subscription;
    const sending = new Sending({
      ...{ webhook: id, url, caller: this.caller, slots: this.slots, clock: Date.now },
      secrets: this.secretsOf(registered),
      ...(observer && { observer }),
    });
    const giveUp = async (reason: string): Promise<void> => {
      const key = `${id} ${reason} ${webhook.enabledAtRevision}`;
      await send({ name: 'DisableWebhook', id, key, tenant, data: { reason } });
      this.warn(
        `webhook ${id} was disabled: ${reason}; mend its receiver, then enable it: it goes on where it stood`,
      );
    };
    const wanted = new Wanted(contracts, registry, webhook.subscription);
    const parts = { store, wanted, sending, book, policy: this.policy, giveUp };
    return new WebhookRun({ ...parts, clock: Date.now, random: Math.random }, standing);
  }

  /** The secret in force, and those before it for a time; read once while nothing of the webhook changes. */
  private secretsOf({ id, webhook: { secrets } }: RegisteredWebhook): () => Promise<readonly Buffer[]> {
    let known: Promise<readonly (Buffer | undefined)[]> | undefined;
    return async () => {
      known ??= Promise.all(secrets.map((secret) => this.parts.secrets.find(id, secret.id)));
      const found = await known.catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      return found.flatMap((secret, index) => {
        const replaced = secrets[index - 1]?.since;
        const signs = replaced === undefined || Date.now() - Date.parse(replaced) < this.policy.oldSecret;
        return signs && secret ? [secret] : [];
      });
    };
  }

  private async placeOf(from: ReplayFrom): Promise<bigint> {
    if ('after' in from) {
      const after = BigInt(from.after);
      // Places that no log has were once accepted, and stand in it.
      return after > LAST_POSITION ? LAST_POSITION : after;
    }
    // What was recorded at this very instant is told again, too.
    return this.parts.store.positionAt(plusMilliseconds(parseInstant(from.from), -1));
  }

  private async endAll(which: (running: Running, id: string) => boolean): Promise<void> {
    const ending = [...this.running].filter(([id, running]) => which(running, id));
    for (const [, { abort }] of ending) abort.abort();
    await Promise.all(ending.map(([, { ended }]) => ended));
  }

  private async clean(): Promise<void> {
    if (performance.now() - this.lastCleaned < HOUSEKEEPING_MILLISECONDS) return;
    this.lastCleaned = performance.now();
    await forgetOld(this.parts, await this.book.all(), this.policy);
  }

  private readonly warn = (message: string): void => {
    this.parts.log.warn(message);
  };
}
