import type { ImportKind } from '../types';

/** What a field of a command takes. `amount` is bare minor units, `money` is an amount with its currency. */
export type FieldType =
  | 'text'
  | 'texts'
  | 'number'
  | 'whole'
  | 'boolean'
  | 'money'
  | 'amount'
  | 'instant'
  | { readonly ref: ImportKind }
  | { readonly oneOf: readonly string[] };

export interface FieldContract {
  readonly type: FieldType;
  readonly required?: boolean;
}

/** A command that import sends: its fields by name; a dotted name lies inside an object. */
export interface CommandContract {
  readonly command: string;
  readonly fields: Readonly<Record<string, FieldContract>>;
  readonly attributes: boolean;
  /** What may be assumed: anything, or what is listed; a command with a list is always told, be it nothing. */
  readonly assumed: boolean | readonly string[];
  /** The field that says when it happened, where the mapping does not; else it must, if `required`. */
  readonly happened: { readonly field?: string; readonly required: boolean };
}

const text = { type: 'text' } as const;
const requiredText = { type: 'text', required: true } as const;
const oneOf = (...options: string[]): FieldContract => ({ type: { oneOf: options } });
const requiredOneOf = (...options: string[]): FieldContract => ({ ...oneOf(...options), required: true });
const ref = (kind: ImportKind): FieldContract => ({ type: { ref: kind } });

/** The command that makes a record of each kind. */
export const contracts: Readonly<Record<ImportKind, CommandContract>> = {
  products: {
    command: 'DefineProduct',
    fields: { name: requiredText, externalRef: text, family: text, listPrice: { type: 'money' } },
    attributes: true,
    assumed: false,
    happened: { required: false },
  },
  sellers: {
    command: 'DefineSeller',
    fields: { name: requiredText, externalRef: text, department: text, region: text, manager: text },
    attributes: false,
    assumed: false,
    happened: { required: false },
  },
  customers: {
    command: 'RegisterCustomer',
    fields: {
      name: text,
      kind: oneOf('end', 'intermediary', 'internal'),
      party: oneOf('person', 'organisation'),
      industry: text,
      region: text,
      sizeBand: text,
      productInterests: { type: 'texts' },
      language: text,
      contactChannel: text,
      externalRef: text,
      'acquisition.channel': text,
      'acquisition.referredBy': ref('customers'),
      'acquisition.referralKind': text,
      dataSource: text,
      relationship: oneOf('prospect', 'active'),
      owner: ref('sellers'),
      yearlyRevenue: { type: 'money' },
    },
    attributes: true,
    assumed: false,
    happened: { required: true },
  },
  purchases: {
    command: 'RecordPurchase',
    fields: {
      customerId: { type: { ref: 'customers' }, required: true },
      kind: oneOf('sale', 'return'),
      channel: text,
      selectionMinutes: { type: 'number' },
      externalRef: text,
    },
    attributes: false,
    assumed: true,
    happened: { required: true },
  },
  deals: {
    command: 'ImportDeal',
    fields: {
      customerId: ref('customers'),
      externalRef: text,
      title: text,
      owner: ref('sellers'),
      stage: requiredOneOf('E', 'D', 'C', 'B', 'A', 'won', 'lost'),
      value: { type: 'money', required: true },
      openedAt: { type: 'instant', required: true },
      closedAt: { type: 'instant' },
      lossReason: text,
      evidence: oneOf('first-payment', 'commission', 'delivery-accepted', 'in-use'),
    },
    attributes: false,
    assumed: [
      ...[
        'openedAt',
        'closedAt',
        'value',
        'firstMeeting',
        'criteria',
        'verbalAgreement',
        'evidence',
        'lossReason',
      ],
    ],
    happened: { field: 'openedAt', required: true },
  },
  complaints: {
    command: 'ImportComplaint',
    fields: {
      customerId: ref('customers'),
      externalRef: text,
      channel: requiredOneOf('web', 'phone', 'letter', 'email', 'fax', 'visit', 'referral', 'other'),
      product: text,
      text,
      cause: requiredOneOf('expectation-unmet', 'promise-broken', 'treated-rudely', 'not-solved', 'unknown'),
      severity: { type: 'whole' },
      region: text,
      filedAt: { type: 'instant', required: true },
      acknowledgedAt: { type: 'instant' },
      answeredInTime: { type: 'boolean' },
      resolution: oneOf('explanation', 'non-monetary-relief', 'monetary-relief', 'other'),
      resolvedAt: { type: 'instant' },
    },
    attributes: true,
    assumed: ['cause', 'severity', 'acknowledgedAt', 'resolvedAt', 'proposal', 'answer', 'followUp'],
    happened: { field: 'filedAt', required: true },
  },
};

/** The second command of a customer's row whose relationship is over. */
export const endRelationship: CommandContract = {
  command: 'EndRelationship',
  fields: {
    cause: requiredOneOf(
      ...['product', 'price', 'service', 'benefit', 'management', 'industry', 'natural', 'unknown'],
    ),
    controllable: { type: 'boolean' },
    responsible: oneOf('us', 'related-party', 'nobody'),
    destination: text,
    yearlyRevenueLost: { type: 'money' },
    detectedHow: text,
  },
  attributes: false,
  assumed: true,
  happened: { required: true },
};

/** A line of a purchase, as the mapping gives it: revenue as it stands, or price times quantity. */
export const purchaseLine: Readonly<Record<string, FieldContract>> = {
  product: requiredText,
  quantity: { type: 'number', required: true },
  revenue: { type: 'amount' },
  price: { type: 'number' },
  costOfGoods: { type: 'amount' },
  unitCost: { type: 'number' },
  onPromotion: { type: 'boolean' },
};

export const dealLine: Readonly<Record<string, FieldContract>> = {
  productId: { type: { ref: 'products' }, required: true },
  quantity: { type: 'number' },
  value: { type: 'amount' },
};
