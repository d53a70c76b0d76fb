import type { JsonObject } from '../import/types';
import type { Process } from './agenda';
import { CURRENCY } from './catalogue';
import type { Company, Customer } from './company';
import type { Random } from './random';
import { HOUR, type World } from './world';

/** The work on one complaint, from its filing to its end. */
export function* complain(world: World, company: Company, customer: Customer, purchase: string): Process {
  const random = customer.random.of(`complaint ${purchase}`);
  const id = world.id('complaint', purchase);
  yield world.workday(random.between(0, 20), random);
  const severity = random.weighted([
    [1, 6],
    [2, 18],
    [3, 46],
    [4, 30],
  ] as const);
  world.send('FileComplaint', id, filing(company, customer, severity, purchase, random));
  const owner = random.pick(company.present(customer.region));
  world.send('AssignComplaint', id, { owner: owner.id });
  yield (
    world.now + Math.round((random.chance(0.86) ? random.between(0.5, 22) : random.between(26, 90)) * HOUR)
  );
  world.send('AcknowledgeComplaint', id, { note: 'called back', by: owner.profile.name });
  if (random.chance(0.04)) {
    yield world.workday(random.between(0, 3), random);
    world.send('WithdrawComplaint', id, { reason: 'a mistake on the side of the customer' });
    return;
  }
  yield world.workday(random.between(0, 2), random);
  world.send('RecordFinding', id, {
    known: random.pick(['left the warehouse a day late', 'filter of an old series', 'invoice not matched']),
    when: 'in the week before the complaint',
    done: 'the colleagues concerned were asked',
  });
  if (severity < 3 && random.chance(0.5)) {
    world.send('EscalateComplaint', id, { to: 'middle', reason: 'grave for the customer' });
    if (severity === 1 && random.chance(0.4)) {
      yield world.workday(random.between(0, 1), random);
      world.send('EscalateComplaint', id, { to: 'senior', reason: 'the customer asks for the management' });
    }
  }
  yield* settle(world, customer, id, random, 1);
}

/** From a proposal to the return visit; what was not settled after all goes round once more. */
function* settle(world: World, customer: Customer, id: string, random: Random, round: number): Process {
  yield* agree(world, id, random, round);
  yield world.workday(random.between(0, 3), random);
  const kind = random.pick(['explanation', 'non-monetary-relief', 'monetary-relief', 'monetary-relief']);
  world.send('ResolveComplaint', id, { resolution: `done as proposed in round ${String(round)}`, kind });
  const satisfied = yield* visitAgain(world, id, random);
  if (satisfied === false && round === 1 && random.chance(0.6)) {
    world.send('ReopenComplaint', id, { reason: 'the same fault came back' });
    yield world.workday(random.between(0, 2), random);
    yield* settle(world, customer, id, random, 2);
    return;
  }
  if (satisfied === false) customer.grievances += 1;
  yield world.workday(random.between(0, 2), random);
  world.send('CloseComplaint', id, { note: satisfied ? 'settled' : 'nothing more to be done' });
  if (round > 1 || !random.chance(0.03)) return;
  yield world.workday(random.between(8, 30), random);
  world.send('ReopenComplaint', id, { reason: 'the remedy did not last' });
  yield* settle(world, customer, id, random, 2);
}

function* agree(world: World, id: string, random: Random, round: number): Process {
  for (let attempt = 1; ; attempt += 1) {
    yield world.workday(random.between(0, 2), random);
    world.send('ProposeSolution', id, proposal(random, round, attempt));
    yield world.workday(random.between(0, 2), random);
    const accepted = attempt > 1 || random.chance(0.84);
    world.send('AnswerProposal', id, { accepted, ...(accepted ? {} : { reason: 'not enough' }) });
    if (accepted) return;
  }
}

/** Up to three attempts; undefined when nobody was reached. */
function* visitAgain(world: World, id: string, random: Random): Generator<number, boolean | undefined, void> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    yield world.workday(random.between(1, 5), random);
    if (random.chance(0.78)) {
      const satisfied = random.chance(0.83);
      const wouldBuyAgain = satisfied ? random.chance(0.93) : random.chance(0.3);
      world.send('FollowUpComplaint', id, { reached: true, satisfied, wouldBuyAgain });
      return satisfied;
    }
    world.send('FollowUpComplaint', id, { reached: false, note: `attempt ${String(attempt)}` });
  }
  return undefined;
}

function filing(
  company: Company,
  customer: Customer,
  severity: number,
  purchase: string,
  random: Random,
): JsonObject {
  const product = random.pick(company.products);
  return {
    ...(random.chance(0.04) ? { anonymous: true } : { customerId: customer.id }),
    channel: random.pick(['phone', 'phone', 'web', 'email', 'visit', 'letter']),
    product: product.code,
    region: customer.region,
    text: random.pick([
      'The promised day passed without a word.',
      'Not what the sample was like.',
      'Nobody calls back.',
      'The brewer leaks again.',
    ]),
    cause: random.weighted([
      ['expectation-unmet', 38],
      ['promise-broken', 30],
      ['not-solved', 20],
      ['treated-rudely', 12],
    ]),
    severity,
    complainantType: random.pick(['venting', 'arguing', 'compensation-seeking', 'cooling-off', 'escalating']),
    ...(severity < 3 ? { claimedLoss: { amount: random.whole(50, 4_000) * 100, currency: CURRENCY } } : {}),
    externalRef: `CASE-${purchase}`,
  };
}

function proposal(random: Random, round: number, attempt: number): JsonObject {
  const amount = random.whole(20, 600) * 100 * attempt;
  return {
    regret: 'We are sorry for the trouble',
    correction: random.pick(['new delivery tomorrow', 'repair on site', 'corrected invoice']),
    redress: {
      text: `round ${String(round)}, proposal ${String(attempt)}`,
      amount: { amount, currency: CURRENCY },
    },
    remedy: random.pick([
      'dates are confirmed before they are promised',
      'series is checked on leaving the house',
    ]),
  };
}
