import type { JsonObject } from '../import/types';
import type { Process } from './agenda';
import {
  CURRENCY,
  channels,
  companyKinds,
  competitors,
  firstNames,
  industries,
  referralKinds,
  regions,
  secondNames,
  sizeBands,
} from './catalogue';
import type { Company, Customer } from './company';
import { purchase } from './purchases';
import { DAY, season, type World } from './world';

/** What there is on the day on which the simulation begins, and what comes per day after it. */
const AT_START = 240;
const PER_DAY = 0.25;

/** Relationships that end in a year, of those without a grievance. */
const YEARLY_CHURN = 0.11;

/** Brings customers in: some are there from the start, others come one by one. */
export function* arrivals(world: World, company: Company): Process {
  const random = world.random.of('arrivals');
  let number = 0;
  for (; number < AT_START; number += 1) world.begin(life(world, company, number + 1, true));
  for (;;) {
    yield world.workday(random.exponential(1 / PER_DAY / season(world.now)), random);
    number += 1;
    world.begin(life(world, company, number, false));
  }
}

function* life(world: World, company: Company, number: number, known: boolean): Process {
  const random = world.random.of(`customer ${String(number)}`);
  if (known) yield world.start + random.whole(1, 12) * 3_600_000;
  const customer = register(world, company, number, known, random);
  if (random.chance(0.35)) world.begin(changes(world, customer), world.now + random.between(40, 500) * DAY);
  while (customer.status === 'prospect') {
    yield world.workday(random.between(8, 35), random);
    if (customer.status === 'prospect' && random.chance(0.16)) break;
    if (world.now - customer.registeredAt > 300 * DAY) return;
  }
  if (customer.kind !== 'internal') yield* relationship(world, company, customer);
}

/** Purchases until it leaves; some come back. */
function* relationship(world: World, company: Company, customer: Customer): Process {
  const { random, rhythm } = customer;
  let since = world.now;
  if (customer.status === 'active') yield world.workday(random.between(0, rhythm), random);
  for (;;) {
    purchase(world, company, customer);
    const gap = random.lognormal(rhythm, 0.5) / season(world.now);
    if (random.chance(hazard(customer, world.now - since, gap))) {
      yield world.workday(Math.min(gap, 45), random);
      end(world, customer);
      if (!random.chance(customer.grievances > 0 ? 0.12 : 0.26)) return;
      yield world.workday(random.between(50, 260), random);
      reactivate(world, customer);
      since = world.now;
    }
    yield world.workday(gap, random);
  }
}

/** The chance to leave within the next `gap` days: higher after bad complaints and in the first months. */
function hazard({ grievances }: Customer, age: number, gap: number): number {
  const yearly = YEARLY_CHURN * (1 + 3 * Math.min(grievances, 2)) * (age < 180 * DAY ? 1.5 : 1);
  return 1 - Math.exp((-yearly * gap) / 365);
}

function end(world: World, customer: Customer): void {
  const { random } = customer;
  const cause = random.weighted([
    ['service', 22 + 40 * Math.min(customer.grievances, 2)],
    ['price', 24],
    ['product', 18],
    ['benefit', 10],
    ['management', 8],
    ['industry', 9],
    ['natural', 7],
  ] as const);
  const ours = cause !== 'industry' && cause !== 'natural';
  const years = Math.max((world.now - customer.registeredAt) / (365 * DAY), 0.25);
  const amount = Math.round(customer.revenue / years);
  customer.status = 'lost';
  world.send('EndRelationship', customer.id, {
    cause,
    responsible: ours ? 'us' : random.pick(['related-party', 'nobody']),
    ...(ours && random.chance(0.7) ? { destination: random.pick(competitors) } : {}),
    yearlyRevenueLost: { amount, currency: CURRENCY },
    detectedHow: random.pick(['told us', 'order cancelled', 'visit', 'no answer any more']),
  });
}

function reactivate(world: World, customer: Customer): void {
  customer.status = 'active';
  customer.grievances = 0;
  const reason = customer.random.pick([
    'new offer',
    'competitor disappointed',
    'new management',
    'visit by the owner',
  ]);
  world.send('ReactivateCustomer', customer.id, { reason });
}

/** The file is kept up: it grows into another size band; now and then an entry turns out to have been wrong. */
function* changes(world: World, customer: Customer): Process {
  const { random } = customer;
  yield world.workday(0, random);
  const next = customer.sizeBand + 1;
  const band = sizeBands[next];
  if (band !== undefined && random.chance(0.7)) {
    customer.sizeBand = next;
    world.send('UpdateCustomerProfile', customer.id, { sizeBand: band, language: 'en' });
  } else {
    const earlier = Math.round((customer.registeredAt + world.now) / 2);
    const data = { region: random.pick(regions), reason: 'the trade register names another address' };
    world.send('CorrectCustomerProfile', customer.id, data, earlier);
  }
}

function register(
  world: World,
  company: Company,
  number: number,
  known: boolean,
  random: Customer['random'],
): Customer {
  const kind = random.weighted([
    ['end', 76],
    ['intermediary', 21],
    ['internal', known ? 3 : 0],
  ] as const);
  const region = random.pick(regions);
  const owner = random.pick(company.present(region));
  const trade = kind === 'intermediary';
  const customer: Customer = {
    ...{ number, kind, region, random, owner, grievances: 0, revenue: 0 },
    id: world.id('customer', number),
    externalRef: `C-${String(number).padStart(4, '0')}`,
    registeredAt: world.now,
    basket: random.lognormal(trade ? 260_000 : 90_000, 1.05),
    rhythm: random.lognormal(trade ? 13 : 23, 0.45),
    status: known && kind !== 'internal' ? 'active' : 'prospect',
    sizeBand: random.weighted([
      [0, 40],
      [1, 34],
      [2, 19],
      [3, 7],
    ]),
  };
  world.send('RegisterCustomer', customer.id, file(company, customer));
  company.customers.push(customer);
  return customer;
}

function file(
  company: Company,
  { kind, region, random, owner, status, externalRef, sizeBand, basket, rhythm }: Customer,
): JsonObject {
  const industry = random.pick(industries);
  const person = kind === 'end' && random.chance(0.18);
  const word = random.pick(firstNames) + random.pick(secondNames);
  return {
    name: person
      ? `${random.pick(firstNames)} ${random.pick(firstNames)}${random.pick(secondNames)}`
      : `${word} ${random.pick(companyKinds[industry])}`,
    kind,
    party: person ? 'person' : 'organisation',
    industry,
    region,
    sizeBand: sizeBands[sizeBand] ?? sizeBands[0],
    language: 'zh-CN',
    contactChannel: random.pick(['visit', 'call', 'mail']),
    externalRef,
    acquisition: acquisition(company, random),
    dataSource: random.pick(['event', 'survey', 'point-of-sale', 'service-contact', 'promotion']),
    relationship: status === 'active' ? 'active' : 'prospect',
    owner: owner.id,
    yearlyRevenue: { amount: Math.round((basket * 365) / rhythm), currency: CURRENCY },
    attributes: { contract: random.pick(['none', 'one year', 'two years']), tastings: random.chance(0.3) },
  };
}

function acquisition(company: Company, random: Customer['random']): JsonObject {
  const channel = random.weighted(channels);
  if (channel !== 'referral' || company.customers.length === 0) return { channel };
  const referrer = random.pick(company.customers);
  return { channel, referredBy: referrer.id, referralKind: random.weighted(referralKinds) };
}
