import { randomUUID } from 'node:crypto';
import { contexts } from '@guanxi/contexts';
import { parseInstant } from '@guanxi/kernel';
import type { PublicMessage } from '@guanxi/publishing';
import { ContractBook } from '@guanxi/publishing';

/** Won deals and their sum, by customer and currency: `customer currency`. */
export type Sums = Readonly<Record<string, { readonly deals: number; readonly amount: number }>>;

interface Deal {
  readonly id: string;
  customerId: string | undefined;
  amount: number;
  won: boolean;
  revision: number;
}

const CURRENCIES = ['EUR', 'CNY'] as const;

/** Deals that are opened, revised, won, corrected and reopened, as the product would tell them, and what comes of it. */
export class DealTeller {
  private readonly book = new ContractBook(
    contexts.flatMap(({ publishes = [] }) => publishes),
    '/guanxi/test',
  );
  private readonly customers = Array.from({ length: 5 }, () => randomUUID());
  private readonly deals: Deal[] = [];
  private position = 0n;

  /** So many events, each a step in the life of some deal. */
  tell(count: number): readonly PublicMessage[] {
    return Array.from({ length: count }, (_, step) => this.step(step)).flat();
  }

  /** Events that were told to nobody: their transaction is aborted, and what they would have changed is not kept. */
  tellNobody(): readonly PublicMessage[] {
    const value = { amount: 99_999, currency: 'EUR' };
    const customerId = this.customers[0] ?? '';
    return [
      ...this.message(randomUUID(), 0, 'deal-won.v1', { from: 'A', value, customerId }),
      ...this.message(randomUUID(), 0, 'deal-opened.v1', { value, customerId }),
    ];
  }

  /** Counted here, without any message. */
  get sums(): Sums {
    const sums: Record<string, { deals: number; amount: number }> = {};
    for (const [index, { customerId, amount, won }] of this.deals.entries()) {
      if (!won) continue;
      const key = `${customerId ?? 'unknown'} ${currencyOf(index)}`;
      const sum = (sums[key] ??= { deals: 0, amount: 0 });
      sum.deals += 1;
      sum.amount += amount;
    }
    return sums;
  }

  private step(step: number): readonly PublicMessage[] {
    const index = step % 4 === 0 ? this.deals.length : (step * 7919) % this.deals.length;
    const deal = this.deals[index];
    const amount = 1_000 + ((step * 104_729) % 90_000);
    const value = { amount, currency: currencyOf(index) };
    if (!deal) {
      const customerId = this.customers[index % 6];
      const opened = { id: randomUUID(), customerId, amount, won: false, revision: 0 };
      this.deals.push(opened);
      return this.tellOf(opened, 'deal-opened.v1', { value, ...(customerId && { customerId }) });
    }
    if (deal.won && step % 3 === 0) {
      deal.won = false;
      return this.tellOf(deal, 'deal-reopened.v1', { to: 'B', reason: 'Not signed.' });
    }
    deal.amount = amount;
    if (deal.won) return this.tellOf(deal, 'deal-corrected.v1', { value, reason: 'A slip.' });
    if (step % 5 === 0) {
      deal.customerId = this.customers[step % 5];
      return this.tellOf(deal, 'deal-revised.v1', { value, customerId: deal.customerId ?? '' });
    }
    deal.won = true;
    return this.tellOf(deal, 'deal-won.v1', { from: 'A', value });
  }

  private tellOf(
    deal: Deal,
    type: string,
    data: Parameters<DealTeller['message']>[3],
  ): readonly PublicMessage[] {
    deal.revision += 1;
    return this.message(deal.id, deal.revision - 1, type, data);
  }

  private message(
    deal: string,
    revision: number,
    type: string,
    data: Parameters<ContractBook['messagesOf']>[0]['data'],
  ): readonly PublicMessage[] {
    this.position += 1n;
    return this.book.messagesOf({
      ...{ id: randomUUID(), type, stream: `deal-${deal}`, revision, position: this.position, data },
      occurredAt: parseInstant('2026-03-02T12:00:00Z'),
      recordedAt: parseInstant('2026-03-02T12:00:00Z'),
      metadata: {
        ...{ commandId: 'c', command: 'Test', commandHash: 'h', correlationId: 'r', actor: 'test' },
        ...{ tenant: 'default', policyVersion: 0 },
      },
    });
  }
}

const currencyOf = (index: number): string => CURRENCIES[index % 2] ?? 'EUR';
