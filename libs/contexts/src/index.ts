import { complaintsContext } from '@guanxi/complaints';
import { customersContext } from '@guanxi/customers';
import { dealsContext } from '@guanxi/deals';
import { historyContext } from '@guanxi/history';
import type { Context } from '@guanxi/platform';
import { steeringContext } from '@guanxi/steering';
import { webhooksContext } from '@guanxi/webhooks';

/** Every context of the product: what is not in this list is not in the product. */
export const contexts: readonly Context[] = [
  customersContext,
  dealsContext,
  complaintsContext,
  steeringContext,
  historyContext,
  webhooksContext,
];
