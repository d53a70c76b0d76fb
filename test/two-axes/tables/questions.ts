import type { Instant } from '@guanxi/kernel';

/** What there may be to ask about. */
export interface Subjects {
  readonly ids: ReadonlyMap<string, readonly string[]>;
  /** First moment of periods. */
  readonly from: Instant;
}

/** Every public query of the product in its main forms, without the moments. */
export function questions({ ids, from }: Subjects): readonly string[] {
  const of = (category: string): readonly string[] => ids.get(category) ?? [];
  const [seller] = of('seller');
  const [customer] = of('customer');
  const [deal] = of('deal');
  return [
    ...[
      '',
      '?currency=CNY',
      '?by=owner&currency=CNY',
      '?by=region&currency=CNY',
      '?by=tier&currency=CNY',
    ].map(board),
    ...['?by=product&currency=CNY', '?by=customer.industry&currency=CNY', '?region=East&currency=CNY'].map(
      board,
    ),
    ...['?owner=S-1&currency=CNY', '?tier=vip&currency=CNY', '?by=currency'].map(board),
    ...(customer ? [board(`?customer=${customer}`)] : []),
    ...['', '?status=open,won&sort=-value', '?stage=C,B,A&sort=movedAt'].map((query) => `deals${query}`),
    ...(seller ? [`deals?owner=${seller}`, `customers?owner=${seller}`, `complaints?owner=${seller}`] : []),
    ...['', '&owner=S-1', '&region=East', '&tier=small'].map(
      (more) => `pipeline/waterfall?from=${from}&currency=CNY${more}`,
    ),
    ...['', '&by=owner', '&by=month', '&by=region', '&by=customer'].map(
      (more) => `pipeline/flow?from=${from}&currency=CNY${more}`,
    ),
    ...['', '?status=active&sort=-activeSince', '?attribute=contract:Kind%201', '?region=East'].map(
      (query) => `customers${query}`,
    ),
    ...['', '&by=region', '&by=owner', '&by=cause,kind', '&by=tenure', '&region=East'].map(
      (more) => `churn/history?from=${from}${more}`,
    ),
    ...['', '?kind=return', '?currency=CNY&sort=-revenue'].map((query) => `purchases${query}`),
    ...['', '&by=month', '&by=customer', '&by=channel'].map(
      (more) => `purchases/totals?from=${from}&currency=CNY${more}`,
    ),
    `purchases/totals?from=${from}&by=currency`,
    ...[`pyramid?from=${from}&currency=CNY`, 'pyramid?basis=revenue&currency=CNY'].map(
      (rest) => `segments/${rest}`,
    ),
    ...['rfm?currency=CNY', 'rfm?window=30&currency=CNY', 'rfm/customers?currency=CNY'].map(
      (rest) => `segments/${rest}`,
    ),
    ...['', '?status=acknowledged,proposed', '?product=P-0'].map((query) => `complaints${query}`),
    ...['', `?from=${from}`, '?by=cause', '?by=product', '?by=month', '?by=owner', '?by=customer'].map(
      (query) => `complaints/figures${query}`,
    ),
    ...[
      'products',
      'sellers',
      'departments',
      'exchange-rates',
      'sellers?region=East',
      'products?status=active',
    ],
    ...Object.entries(ROUTES).flatMap(([category, route]) => of(category).map((id) => `${route}/${id}`)),
    'events?limit=1000',
    ...of('customer').map((id) => `events?customer=${id}&limit=1000`),
    'events?customer=C-1&limit=1000',
    ...(deal ? [`events?stream=deal-${deal}`] : []),
  ].map((path) => `/v1/${path}`);
}

const board = (query: string): string => `pipeline/board${query}`;

/** Where one thing of a category is asked for. */
const ROUTES: Readonly<Record<string, string>> = {
  customer: 'customers',
  purchase: 'purchases',
  deal: 'deals',
  complaint: 'complaints',
  seller: 'sellers',
  product: 'products',
  department: 'departments',
  rate: 'exchange-rates',
};

/** A question with its moments. */
export function at(path: string, moments: { readonly asOf?: Instant; readonly asKnownAt?: Instant }): string {
  const said = Object.entries(moments)
    .filter(([, moment]) => moment !== undefined)
    .map(([name, moment]) => `${name}=${String(moment)}`);
  return said.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${said.join('&')}`;
}
