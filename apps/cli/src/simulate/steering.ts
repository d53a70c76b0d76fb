import { CURRENCY, departments, products, sellers } from './catalogue';
import type { Company, Seller } from './company';
import type { Process } from './agenda';
import { DAY, instant, type World } from './world';

/** Puts departments, sellers and products on the list, before anything else happens. */
export function found(world: World, company: Company): void {
  const house = world.id('department', 'Sales');
  world.send('DefineDepartment', house, { name: 'Sales', externalRef: 'D-0' });
  departments.forEach((name, index) => {
    const externalRef = `D-${String(index + 1)}`;
    world.send('DefineDepartment', world.id('department', name), { name, externalRef, parent: house });
  });
  sellers.forEach((profile, index) => {
    const { name, region, department, manager } = profile;
    const externalRef = `S-${String(index + 1).padStart(2, '0')}`;
    const seller = { id: world.id('seller', externalRef), profile, left: false };
    world.send('DefineSeller', seller.id, { name, externalRef, region, department, manager });
    company.sellers.push(seller);
  });
  for (const product of products) {
    const { code, name, family, listPrice } = product;
    const id = world.id('product', code);
    const data = { name, externalRef: code, family, listPrice: { amount: listPrice, currency: CURRENCY } };
    world.send('DefineProduct', id, data);
    company.products.push({ ...product, id });
  }
}

/** A rate a month for either currency in which the company's suppliers count. */
export function* exchangeRates(world: World): Process {
  const random = world.random.of('exchange rates');
  const rates = { USD: 7.12, EUR: 7.78 };
  for (;;) {
    for (const base of ['USD', 'EUR'] as const) {
      rates[base] *= random.between(0.988, 1.012);
      const id = world.id('rate', `${base} ${instant(world.now)}`);
      world.send('RecordExchangeRate', id, { base, quote: CURRENCY, rate: rates[base].toFixed(4) });
    }
    yield nextMonth(world.now);
  }
}

function nextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** Each year's new price list; a rise of a few per cent. */
export function* priceLists(world: World, company: Company): Process {
  const random = world.random.of('price lists');
  for (let year = 1; ; year += 1) {
    yield world.start + Math.round(year * 365.25 - 30) * DAY;
    for (const { id, listPrice } of company.products) {
      const amount = Math.round((listPrice * (1 + 0.03 * year + random.between(0, 0.02))) / 100) * 100;
      world.send('ReviseProduct', id, { listPrice: { amount, currency: CURRENCY } });
    }
  }
}

/** A seller changes department in mid-period; later another one leaves and hands over what he has. */
export function* staffChanges(world: World, company: Company): Process {
  const length = world.until - world.start;
  const random = world.random.of('staff');
  yield world.start + Math.round(length * 0.41);
  const moved = company.sellers[7];
  if (moved) world.send('ReviseSeller', moved.id, { department: 'Trade' });
  yield world.start + Math.round(length * 0.63);
  const leaver = company.sellers[6];
  if (!leaver) return;
  leaver.left = true;
  handOver(world, company, leaver, random.pick(company.present(leaver.profile.region)));
  world.send('ReleaseSeller', leaver.id, { reason: 'moved to another city' });
}

function handOver(world: World, company: Company, from: Seller, to: Seller): void {
  const reason = `${from.profile.name} leaves`;
  for (const customer of company.customers) {
    if (customer.owner !== from) continue;
    customer.owner = to;
    world.send('AssignOwner', customer.id, { owner: to.id, reason });
  }
  for (const deal of company.openDeals) if (deal.owner === from) deal.assign(to, reason);
}
