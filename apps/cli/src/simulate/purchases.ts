import type { JsonObject } from '../import/types';
import type { Process } from './agenda';
import { CURRENCY, type Product } from './catalogue';
import type { Company, Customer } from './company';
import { complain } from './complaint';
import { DAY, type World } from './world';

interface Line {
  readonly product: string;
  readonly quantity: number;
  readonly revenue: number;
  readonly costOfGoods: number;
  readonly onPromotion?: true;
}

const PROMOTION = 0.88;

/** The customer buys now; what may follow (money back, a typing error found, a complaint) is begun. */
export function purchase(world: World, company: Company, customer: Customer): void {
  const { random } = customer;
  const target = Math.max(random.lognormal(customer.basket, 0.6), 15_000);
  const lines = basket(company, customer, target);
  const number = `${customer.externalRef}-${String(Math.round((world.now - world.start) / 60_000))}`;
  const id = world.id('purchase', number);
  customer.status = 'active';
  customer.revenue += lines.reduce((sum, { revenue }) => sum + revenue, 0);
  world.send('RecordPurchase', id, {
    customerId: customer.id,
    lines: lines.map(json),
    currency: CURRENCY,
    channel: random.weighted([
      ['field', 45],
      ['web', 35],
      ['phone', 20],
    ]),
    externalRef: number,
    ...(random.chance(0.4) ? { selectionMinutes: random.whole(2, 90) } : {}),
  });
  if (random.chance(0.025)) world.begin(moneyBack(world, id, lines, random.of(number)), world.now + 2 * DAY);
  else if (random.chance(0.01)) world.begin(correction(world, id, lines, random.of(number)), world.now + DAY);
  if (random.chance(0.006)) world.begin(goodsBack(world, customer, lines, number), world.now + 5 * DAY);
  if (random.chance(0.018)) world.begin(complain(world, company, customer, number), world.now + DAY);
}

function basket({ products }: Company, { random, kind }: Customer, target: number): readonly Line[] {
  const wanted = new Set<Product>();
  const most = kind === 'intermediary' ? 4 : 3;
  for (let tries = random.whole(1, most); tries > 0; tries -= 1) {
    const affordable = products.filter(({ listPrice }) => listPrice <= target);
    wanted.add(
      random.weighted(
        (affordable.length > 0 ? affordable : products.slice(0, 1)).map((each) => [each, each.weight]),
      ),
    );
  }
  return [...wanted].map((product): Line => {
    const quantity = Math.max(Math.round(target / wanted.size / product.listPrice), 1);
    const rebate = kind === 'intermediary' ? 0.82 : 1;
    const onPromotion = random.chance(0.14);
    const revenue = Math.round(quantity * product.listPrice * rebate * (onPromotion ? PROMOTION : 1));
    const costOfGoods = Math.round(
      quantity * product.listPrice * product.costShare * random.between(0.96, 1.05),
    );
    return { product: product.code, quantity, revenue, costOfGoods, ...(onPromotion ? { onPromotion } : {}) };
  });
}

/** All of it, an amount out of kindness, or one line. */
function* moneyBack(world: World, id: string, lines: readonly Line[], random: Customer['random']): Process {
  yield world.workday(random.between(1, 18), random);
  const [line] = lines;
  const amount = Math.round(lines.reduce((sum, { revenue }) => sum + revenue, 0) * random.between(0.05, 0.3));
  const reason = random.pick(['broken on arrival', 'late', 'wrong goods', 'goodwill']);
  const data: readonly JsonObject[] = [
    { reason },
    { amount: Math.max(amount, 1), reason },
    ...(line
      ? [{ lines: [{ product: line.product, quantity: line.quantity, revenue: line.revenue }], reason }]
      : []),
  ];
  world.send('RefundPurchase', id, random.pick(data));
}

/** One line too many was typed in. */
function* correction(world: World, id: string, lines: readonly Line[], random: Customer['random']): Process {
  yield world.workday(random.between(0, 4), random);
  const [first, ...rest] = lines;
  if (!first) return;
  const right = {
    ...first,
    quantity: first.quantity + 1,
    revenue: first.revenue + Math.round(first.revenue / first.quantity),
  };
  world.send('CorrectPurchase', id, { lines: [right, ...rest].map(json), reason: 'typing error' });
}

/** Goods come back without the paper that would name their purchase. */
function* goodsBack(world: World, customer: Customer, lines: readonly Line[], number: string): Process {
  const random = customer.random.of(`${number} back`);
  yield world.workday(random.between(1, 20), random);
  const [line] = lines;
  if (!line) return;
  const share = 1 / line.quantity;
  const back = {
    product: line.product,
    quantity: -1,
    revenue: -Math.round(line.revenue * share),
    costOfGoods: -Math.round(line.costOfGoods * share),
  };
  world.send('RecordPurchase', world.id('return', number), {
    customerId: customer.id,
    kind: 'return',
    lines: [back],
    currency: CURRENCY,
    externalRef: `${number}-R`,
  });
}

const json = (line: Line): JsonObject => ({ ...line });
