import type { JsonObject } from '../import/types';
import type { Process } from './agenda';
import { competitors, lossReasons } from './catalogue';
import type { Company, Customer, Seller } from './company';
import { CRITERIA, type Criterion, Deal, type Stage } from './deal';
import { DAY, day, instant, season, type World } from './world';

/** Days between two opportunities of one seller. */
const DAYS_BETWEEN = 8.5;

/** Of the deals of a stage, the share that goes on, before the seller's skill; and the days that it takes. */
const GOES_ON: Readonly<Record<Stage, number>> = { E: 0.66, D: 0.74, C: 0.6, B: 0.78, A: 0.88 };
const TAKES: Readonly<Record<Stage, number>> = { E: 6, D: 4, C: 15, B: 10, A: 12 };

/** Each seller's search for business. */
export function prospecting(world: World, company: Company): void {
  const count = { deals: 0 };
  for (const seller of company.sellers) world.begin(opportunities(world, company, seller, count));
}

function* opportunities(world: World, company: Company, seller: Seller, count: { deals: number }): Process {
  const random = world.random.of(`opportunities ${seller.profile.name}`);
  for (;;) {
    yield world.workday(random.exponential(DAYS_BETWEEN) / season(world.now), random);
    if (seller.left) return;
    const customer = candidate(company, seller, random);
    if (!customer) continue;
    count.deals += 1;
    const own = world.random.of(`deal ${String(count.deals)}`);
    world.begin(life(world, new Deal(world, company, customer, seller, count.deals, own)));
  }
}

/** One of the seller's own customers, prospects first. */
function candidate({ customers }: Company, seller: Seller, random: Deal['random']): Customer | undefined {
  const own = customers.filter(
    ({ owner, status, kind }) => owner === seller && status !== 'lost' && kind !== 'internal',
  );
  const prospects = own.filter(({ status }) => status === 'prospect');
  const from = prospects.length > 0 && random.chance(0.45) ? prospects : own;
  return from.length > 0 ? random.pick(from) : undefined;
}

/** A deal's way up the board, and what happens to it on the way. */
function* life(world: World, deal: Deal): Process {
  let reopenings = 1;
  for (;;) {
    const at = deal.stage;
    const goesOn = yield* stage(world, deal);
    if (goesOn && at !== 'A') continue;
    if (goesOn) {
      deal.win(
        deal.random.pick(['first-payment', 'first-payment', 'delivery-accepted', 'in-use', 'commission']),
      );
      return;
    }
    deal.lose(loss(deal));
    if (reopenings === 0 || isLost(deal) || !deal.random.chance(0.07)) return;
    reopenings -= 1;
    yield world.workday(deal.random.between(15, 70), deal.random);
    if (isLost(deal)) return;
    deal.reopen();
  }
}

/** The work in one stage, up to its entry rules for the next; false when the deal is lost in it. */
function* stage(world: World, deal: Deal): Generator<number, boolean, void> {
  const { random } = deal;
  const at = deal.stage;
  const goesOn = random.chance(Math.min(GOES_ON[at] * deal.owner.profile.skill, 0.95));
  yield* waiting(world, deal, random.lognormal(TAKES[at], 0.7) * (goesOn ? 1 : 1.8));
  if (!goesOn || isLost(deal)) return false;
  switch (at) {
    case 'E':
      return yield* toFirstMeeting(world, deal);
    case 'D':
      return yield* intoPlay(world, deal);
    case 'C':
      return yield* qualify(world, deal);
    case 'B':
      return yield* toVerbalYes(world, deal);
    case 'A':
      return true;
  }
}

function* toFirstMeeting(world: World, deal: Deal): Generator<number, boolean, void> {
  const meetingAt = world.workday(deal.random.between(1, 7), deal.random);
  deal.send('ScheduleFirstMeeting', { meetingAt: instant(meetingAt) });
  deal.advance('D');
  yield meetingAt;
  return true;
}

function* intoPlay(world: World, deal: Deal): Generator<number, boolean, void> {
  const agreed = deal.meetingHeld || deal.declined || deal.random.chance(0.93);
  if (!deal.meetingHeld) {
    const note = agreed ? 'wants an offer' : 'no need at present';
    deal.send('HoldFirstMeeting', { agreedToContinue: agreed, note });
    deal.meetingHeld = agreed;
    deal.declined = !agreed;
  }
  if (!agreed) return false;
  deal.advance('C');
  yield world.workday(deal.random.between(0, 2), deal.random);
  return true;
}

function* qualify(world: World, deal: Deal): Generator<number, boolean, void> {
  for (const criterion of CRITERIA) {
    if (deal.criteria.has(criterion)) continue;
    yield world.workday(deal.random.between(0, 4), deal.random);
    if (isLost(deal)) return false;
    deal.criteria.add(criterion);
    deal.send('ConfirmCriterion', confirmation(world, deal, criterion));
  }
  deal.advance('B');
  return true;
}

function confirmation(world: World, deal: Deal, criterion: Criterion): JsonObject {
  switch (criterion) {
    case 'person':
      return { criterion, note: 'the head of purchasing decides' };
    case 'proposal':
      return { criterion, note: 'suits' };
    case 'budget':
      return { criterion, note: 'planned for this year' };
    case 'timetable': {
      const startOn = day(deal.expectedClose + 20 * DAY);
      return { criterion, decisionOn: day(deal.expectedClose), startOn };
    }
    case 'nextStep':
      return { criterion, nextStepOn: day(world.now + 7 * DAY) };
  }
}

function* toVerbalYes(world: World, deal: Deal): Generator<number, boolean, void> {
  const { random } = deal;
  if (random.chance(0.14)) {
    const criterion = random.pick(CRITERIA);
    deal.criteria.delete(criterion);
    deal.send('WithdrawCriterion', { criterion, note: 'not certain any more' }, { events: 2 });
    deal.stage = 'C';
    return true;
  }
  if (random.chance(0.08)) {
    deal.regress(random.pick(['C', 'D'] as const), 'our contact has left; we begin again with the successor');
    return true;
  }
  if (!deal.verbalAgreement) {
    const quote = random.pick(['We will sign next week.', 'You have our word.', 'The order is on its way.']);
    deal.send('RecordVerbalAgreement', { quote });
    deal.verbalAgreement = true;
  }
  yield world.workday(0, random);
  deal.advance('A');
  return true;
}

/** Weeks of work without a move: reviews, changed wishes, dates that are put off, errors found. */
function* waiting(world: World, deal: Deal, days: number): Process {
  const { random } = deal;
  const until = world.now + days * DAY;
  while (world.now + 7 * DAY < until) {
    yield world.workday(random.between(5, 8), random);
    if (isLost(deal)) return;
    if (world.now > deal.expectedClose && random.chance(0.6)) deal.postpone(random.whole(10, 45));
    else if (random.chance(0.08)) deal.revise();
    else if (random.chance(0.025)) deal.correctValue();
    else if (random.chance(0.75)) deal.send('ReviewDeal', { note: 'next step stands' });
  }
  yield Math.max(world.workday((until - world.now) / DAY, random), world.now);
}

/** The customer has left us in the meantime. */
const isLost = ({ customer }: Deal): boolean => customer.status === 'lost';

function loss(deal: Deal): JsonObject {
  const { random } = deal;
  if (isLost(deal)) return { reason: 'relationship ended' };
  const reason = random.weighted(lossReasons);
  return {
    reason,
    ...(reason === 'price' || reason === 'competitor' ? { competitor: random.pick(competitors) } : {}),
    ...(reason === 'price'
      ? { priceGap: deal.money(Math.round(deal.value * random.between(0.03, 0.2))) }
      : {}),
  };
}
