import type { JsonObject } from '../import/types';
import { CURRENCY } from './catalogue';
import type { Company, Customer, Seller } from './company';
import type { Random } from './random';
import { day, type World } from './world';

export const STAGES = ['E', 'D', 'C', 'B', 'A'] as const;
export type Stage = (typeof STAGES)[number];

export const CRITERIA = ['person', 'proposal', 'budget', 'timetable', 'nextStep'] as const;
export type Criterion = (typeof CRITERIA)[number];

/** One deal as its actors work it: what was sent so far, so that only what the rules allow is sent next. */
export class Deal {
  readonly id: string;
  readonly openedAt: number;
  stage: Stage = 'E';
  value: number;
  expectedClose: number;
  meetingHeld = false;
  /** The contact once said no at a meeting: nobody meets it a second time for the same answer. */
  declined = false;
  verbalAgreement = false;
  readonly criteria = new Set<Criterion>();
  /** When the last command was sent, and the revision of the last event. */
  lastAt: number;
  private revision = -1;

  constructor(
    private readonly world: World,
    private readonly company: Company,
    readonly customer: Customer,
    public owner: Seller,
    readonly number: number,
    readonly random: Random,
  ) {
    this.id = world.id('deal', number);
    this.openedAt = world.now;
    this.lastAt = world.now;
    this.value = 0;
    this.expectedClose = world.workday(random.between(40, 120), random);
    this.open();
  }

  private open(): void {
    const { random, customer, company } = this;
    const product = random.weighted(
      company.products.map((each) => [each, each.weight * Math.sqrt(each.listPrice)]),
    );
    const pieces = Math.max(Math.round(random.lognormal(4_200_000, 1.0) / product.listPrice), 1);
    this.value = pieces * product.listPrice;
    company.openDeals.add(this);
    this.send('OpenDeal', {
      value: this.money(this.value),
      customerId: customer.id,
      owner: this.owner.id,
      title: `${product.name} for ${customer.externalRef}`,
      externalRef: `DEAL-${String(this.number).padStart(4, '0')}`,
      lines: [{ productId: product.id, quantity: pieces, value: this.value }],
      expectedCloseOn: day(this.expectedClose),
    });
  }

  /** Sends a command of this deal. @param events how many events it makes */
  send(command: string, data: JsonObject, { events = 1, at }: { events?: number; at?: number } = {}): void {
    this.world.send(command, this.id, data, at);
    this.revision += events;
    this.lastAt = this.world.now;
  }

  advance(to: Stage): void {
    this.send('AdvanceDeal', { to });
    this.stage = to;
  }

  regress(to: Stage, reason: string): void {
    this.send('RegressDeal', { to, reason });
    this.stage = to;
  }

  assign(to: Seller, reason: string): void {
    this.owner = to;
    this.send('AssignDealOwner', { owner: to.id, reason });
  }

  lose(data: JsonObject): void {
    this.send('LoseDeal', data);
    this.company.openDeals.delete(this);
  }

  /** Won; now and then the paper shows later that it was won some days earlier. */
  win(evidence: string): void {
    const before = this.lastAt;
    const discount = this.random.chance(0.4) ? this.random.between(0.85, 0.99) : 1;
    const value = Math.round(this.value * discount);
    this.send('CloseDealWon', { evidence, value: this.money(value) });
    this.company.openDeals.delete(this);
    if (this.customer.status === 'prospect') this.customer.status = 'active';
    if (!this.random.chance(0.04)) return;
    const to = new Date(Math.floor((before + this.world.now) / 2)).toISOString();
    this.send('CorrectDeal', {
      redate: { revision: this.revision, to },
      reason: 'the receipt names an earlier day',
    });
  }

  reopen(): void {
    const reason = this.random.pick([
      'competitor could not deliver',
      'budget is there after all',
      'new contact',
    ]);
    this.company.openDeals.add(this);
    this.send('ReopenDeal', { reason });
  }

  /** The offer had been typed in wrong, from a moment after the opening on. */
  correctValue(): void {
    const at = Math.floor((this.openedAt + this.world.now) / 2);
    this.value = Math.round(this.value * this.random.between(0.7, 1.3)) + 100;
    this.send('CorrectDeal', { value: this.money(this.value), reason: 'typing error in the offer' }, { at });
  }

  /** What the customer wants has grown or shrunk. */
  revise(): void {
    this.value = Math.max(Math.round(this.value * this.random.between(0.75, 1.35)), 10_000) + 1;
    this.send('ReviseDeal', { value: this.money(this.value) });
  }

  /** The expected day has passed: a later one is named. */
  postpone(days: number): void {
    this.expectedClose = this.world.now + days * 86_400_000;
    this.send('ReviseDeal', { expectedCloseOn: day(this.expectedClose) });
  }

  money = (amount: number): JsonObject => ({ amount, currency: CURRENCY });
}
