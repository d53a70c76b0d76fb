import type { CommandSpec } from '@guanxi/commanding';
import { commandsOn, referencesTo } from '@guanxi/commanding';
import { defineDepartment, departmentDecider } from '../domain/department';
import { exchangeRateDecider, recordExchangeRate } from '../domain/exchange-rate';
import { defineProduct, productDecider, retireProduct, reviseProduct } from '../domain/product';
import { defineSeller, releaseSeller, reviseSeller, sellerDecider } from '../domain/seller';
import {
  DefineDepartmentInput,
  DefineProductInput,
  DefineSellerInput,
  RecordExchangeRateInput,
  ReleaseSellerInput,
  RetireProductInput,
  ReviseProductInput,
  ReviseSellerInput,
} from './inputs';

const product = commandsOn({ collection: 'products', category: 'product', decider: productDecider });
const seller = commandsOn({ collection: 'sellers', category: 'seller', decider: sellerDecider });
const department = commandsOn({
  collection: 'departments',
  category: 'department',
  decider: departmentDecider,
});
const exchangeRate = commandsOn({
  collection: 'exchange-rates',
  category: 'rate',
  decider: exchangeRateDecider,
});

/** Every command of this context. */
export const steeringCommands: readonly CommandSpec[] = [
  product('DefineProduct', DefineProductInput, defineProduct, {
    summary: 'Puts a product on the list',
    role: 'steer',
    example: {
      name: 'GTX Pro',
      externalRef: 'GTX Pro',
      family: 'GTX',
      listPrice: { amount: 482100, currency: 'USD' },
    },
  }),
  product('ReviseProduct', ReviseProductInput, reviseProduct, {
    verb: 'revise',
    summary: 'Changes what is said of a product; custom fields not named stay',
    role: 'steer',
    example: { listPrice: { amount: 499900, currency: 'USD' } },
  }),
  product('RetireProduct', RetireProductInput, retireProduct, {
    verb: 'retire',
    summary: 'Takes a product off the list',
    role: 'steer',
    example: { reason: 'replaced by GTX Plus' },
  }),
  seller('DefineSeller', DefineSellerInput, defineSeller, {
    summary: 'Puts a seller on the list',
    role: 'steer',
    example: {
      name: 'Lin Mei',
      externalRef: 'S-7',
      department: 'Key accounts',
      region: 'East',
      manager: 'Chen Wei',
    },
  }),
  seller('ReviseSeller', ReviseSellerInput, reviseSeller, {
    verb: 'revise',
    summary: 'Changes what is said of a seller; moves between regions, departments and managers are history',
    role: 'steer',
    example: { region: 'West', manager: 'Zhao Jun' },
  }),
  seller('ReleaseSeller', ReleaseSellerInput, releaseSeller, {
    verb: 'release',
    summary: 'Notes that a seller has left',
    role: 'steer',
    example: { reason: 'retired' },
  }),
  department('DefineDepartment', DefineDepartmentInput, (input, _meta, id) => defineDepartment(input, id), {
    summary: 'Puts a department on the list',
    role: 'steer',
    example: { name: 'Key accounts', externalRef: 'D-2' },
    references: ({ parent }) => referencesTo('department', { parent }),
  }),
  exchangeRate('RecordExchangeRate', RecordExchangeRateInput, recordExchangeRate, {
    summary: 'Notes what one unit of a currency costs in another, in force from the moment given',
    role: 'steer',
    example: { base: 'USD', quote: 'CNY', rate: '7.1234' },
  }),
];
