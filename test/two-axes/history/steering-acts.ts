import type { Acts } from './draft';

const REGIONS = ['East', 'West', 'North'] as const;

/** Sellers, products, departments, rates. */
export const steeringActs = {
  'define-seller': (_world, { a, b }) => ({
    command: 'DefineSeller',
    makes: 'seller',
    data: {
      name: `Seller ${a}`,
      externalRef: `S-${b % 4}`,
      region: REGIONS[a % 3],
      manager: `Manager ${b % 2}`,
    },
  }),
  'revise-seller': (_world, { a, b }) => ({
    command: 'ReviseSeller',
    about: 'seller',
    data:
      a % 2 ? { region: REGIONS[b % 3] } : { manager: `Manager ${b % 3}`, department: `Department ${a % 3}` },
  }),
  'release-seller': () => ({ command: 'ReleaseSeller', about: 'seller', data: {} }),
  'define-product': (_world, { a, b }) => ({
    command: 'DefineProduct',
    makes: 'product',
    data: {
      name: `Product ${a}`,
      externalRef: `P-${b % 3}`,
      family: `Family ${a % 2}`,
      attributes: { grade: b },
    },
  }),
  'revise-product': (_world, { a, b }) => ({
    command: 'ReviseProduct',
    about: 'product',
    data: a % 2 ? { family: `Family ${b % 3}` } : { name: `Product ${b}`, attributes: { weight: a } },
  }),
  'retire-product': () => ({ command: 'RetireProduct', about: 'product', data: {} }),
  'define-department': (world, { a, b }) => ({
    command: 'DefineDepartment',
    makes: 'department',
    data: {
      name: `Department ${a}`,
      ...(b % 2 && world.some('department', b) ? { parent: world.some('department', b) } : {}),
    },
  }),
  'record-rate': (_world, { a, b }) => ({
    command: 'RecordExchangeRate',
    makes: 'rate',
    data: { base: 'USD', quote: 'CNY', rate: `${6 + (a % 3)}.${b}` },
  }),
} satisfies Acts;
