import type { CommandSpec } from '@guanxi/commanding';
import { commandsOn, referencesTo } from '@guanxi/commanding';
import { customerDecider } from '../domain/customer';
import {
  assignOwner,
  correctCustomerProfile,
  endRelationship,
  reactivateCustomer,
  registerCustomer,
  updateCustomerProfile,
} from '../domain/customer-decisions';
import { purchaseDecider } from '../domain/purchase';
import { correctPurchase, recordPurchase, refundPurchase } from '../domain/purchase-decisions';
import * as customers from './customer-inputs';
import * as purchases from './purchase-inputs';

const customer = commandsOn({ collection: 'customers', category: 'customer', decider: customerDecider });
const purchase = commandsOn({ collection: 'purchases', category: 'purchase', decider: purchaseDecider });

const ids = {
  customer: '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d',
  seller: '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2e',
} as const;

const referrer = ({ acquisition }: customers.UpdateCustomerProfileInput) =>
  referencesTo('customer', { 'acquisition.referredBy': acquisition?.referredBy });

/** All commands on customers and their purchases. */
export const customerCommands: readonly CommandSpec[] = [
  customer('RegisterCustomer', customers.RegisterCustomerInput, registerCustomer, {
    summary: 'Opens the file of a customer or prospect',
    example: {
      name: 'Acme Trading',
      kind: 'end',
      party: 'organisation',
      industry: 'retail',
      region: 'West',
      sizeBand: '50-249',
      externalRef: 'ACC-1001',
      acquisition: { channel: 'conference' },
      dataSource: 'event',
      relationship: 'active',
      yearlyRevenue: { amount: 10_000_000, currency: 'CNY' },
      attributes: { contract: 'Two year' },
    },
    references: (input) => [...referrer(input), ...referencesTo('seller', { owner: input.owner })],
  }),
  customer('UpdateCustomerProfile', customers.UpdateCustomerProfileInput, updateCustomerProfile, {
    verb: 'update-profile',
    summary: 'Changes fields of the customer file; null empties a field',
    example: { region: 'East', sizeBand: null },
    references: referrer,
  }),
  customer('CorrectCustomerProfile', customers.CorrectCustomerProfileInput, correctCustomerProfile, {
    verb: 'correct-profile',
    summary: 'Says what the file should have said from occurredAt on',
    example: { industry: 'medical', reason: 'The trade register says otherwise' },
    mayPredate: true,
    references: referrer,
  }),
  customer('AssignOwner', customers.AssignOwnerInput, assignOwner, {
    verb: 'assign-owner',
    summary: 'Hands a customer to a seller',
    example: { owner: ids.seller, reason: 'New territory' },
    references: ({ owner }) => referencesTo('seller', { owner }),
  }),
  customer('EndRelationship', customers.EndRelationshipInput, endRelationship, {
    verb: 'end',
    summary: 'Notes that a customer is lost, with cause, responsible side and what is lost a year',
    example: { cause: 'service', responsible: 'us', destination: 'Another supplier', detectedHow: 'told us' },
  }),
  customer('ReactivateCustomer', customers.ReactivateCustomerInput, reactivateCustomer, {
    verb: 'reactivate',
    summary: 'Notes that a lost customer is one of ours again',
    example: { reason: 'Came back after the price list changed' },
  }),
  purchase('RecordPurchase', purchases.RecordPurchaseInput, recordPurchase, {
    summary: 'Records a purchase, or a return that names no original',
    example: {
      customerId: ids.customer,
      lines: [
        { product: '85048', quantity: 12, revenue: 8_340, costOfGoods: 5_000 },
        { product: 'RIBBON', quantity: 2.5, revenue: 250, costOfGoods: 100, onPromotion: true },
      ],
      currency: 'GBP',
      channel: 'web',
      externalRef: '489434',
    },
    references: ({ customerId }) => referencesTo('customer', { customerId }),
  }),
  purchase('CorrectPurchase', purchases.CorrectPurchaseInput, correctPurchase, {
    verb: 'correct',
    summary: "Corrects a purchase's lines, or moves it to the moment at which it really was made",
    example: {
      lines: [{ product: '85048', quantity: 10, revenue: 6_950, costOfGoods: 4_000 }],
      purchasedAt: '2026-01-05T16:00:00+08:00',
      reason: 'Two pieces were never shipped; the receipt names another day',
    },
    mayPredate: true,
  }),
  purchase('RefundPurchase', purchases.RefundPurchaseInput, refundPurchase, {
    verb: 'refund',
    summary: 'Gives money back: by line, by amount, or all that is left',
    example: { lines: [{ product: '85048', quantity: 1, revenue: 695 }], reason: 'Broken on arrival' },
  }),
];
