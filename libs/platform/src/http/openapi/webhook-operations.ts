import type { Operation } from './command-operations';
import type { Schema } from './input-schemas';
import { problemResponses } from './shared-parts';

const uuid = { type: 'string', format: 'uuid' };
const parameter = (name: string): Schema => ({ name, in: 'path', required: true, schema: uuid });
const query = (name: string, schema: Schema, description: string): Schema => ({
  ...{ name, in: 'query', required: false, schema, description },
});
const answer = (description: string, schema: Schema): Schema => ({
  description,
  content: { 'application/json': { schema } },
});
const list = (item: Schema): Schema => ({
  type: 'object',
  required: ['items'],
  properties: { items: { type: 'array', items: item }, nextCursor: { type: ['string', 'null'] } },
});

const webhook: Schema = {
  type: 'object',
  required: ['id', 'url', 'topics', 'types', 'status', 'position', 'lag', 'lagSeconds', 'waitingKeys'],
  properties: {
    id: uuid,
    url: { type: 'string', format: 'uri' },
    topics: { type: 'array', items: { type: 'string' } },
    types: { type: 'array', items: { type: 'string' } },
    description: { type: 'string' },
    registeredAt: { type: 'string', format: 'date-time' },
    secretSince: { type: 'string', format: 'date-time' },
    status: { enum: ['enabled', 'disabled'] },
    reason: { type: 'string', description: 'Why it is disabled; gone or tries-exhausted where we did it' },
    position: { type: 'string', description: 'How far the log is done with' },
    lag: {
      type: 'string',
      description: 'Events that it has not got, waiting ones among them; a distance in the log on KurrentDB',
    },
    lagSeconds: { type: 'number', description: 'Age of the first event that it has not got' },
    waitingKeys: { type: 'integer', description: 'Keys that wait after a failure' },
    failingSeconds: { type: 'number', description: 'For how long the longest of them has failed' },
  },
};

const STATUSES = { enum: ['waiting', 'delivered', 'superseded'] };

const delivery: Schema = {
  type: 'object',
  required: ['id', 'messageId', 'type', 'key', 'position', 'status', 'attempts', 'firstAt'],
  properties: {
    id: uuid,
    messageId: { type: 'string', description: 'webhook-id: the same for every try' },
    type: { type: 'string' },
    topic: { type: 'string' },
    key: { type: 'string' },
    position: { type: 'string' },
    status: STATUSES,
    attempts: { type: 'integer' },
    answer: { type: 'integer', description: 'Status of the last answer' },
    error: { type: 'string', description: 'What went wrong the last time' },
    milliseconds: { type: 'integer' },
    firstAt: { type: 'string', format: 'date-time' },
    triedAt: { type: 'string', format: 'date-time' },
    nextAt: { type: 'string', format: 'date-time' },
  },
};

const tags = ['webhooks'];

/** Looking at webhooks; what changes them are commands. */
export const webhookOperations: readonly Operation[] = [
  {
    path: '/v1/webhooks',
    method: 'get',
    operation: {
      operationId: 'list-webhooks',
      summary: 'All webhooks and how their deliveries stand, without their secrets',
      tags,
      responses: { 200: answer('The webhooks', list(webhook)), ...problemResponses(401, 403) },
    },
  },
  {
    path: '/v1/webhooks/{id}',
    method: 'get',
    operation: {
      operationId: 'show-webhook',
      summary: 'One webhook',
      tags,
      parameters: [parameter('id')],
      responses: { 200: answer('The webhook', webhook), ...problemResponses(400, 401, 403, 404) },
    },
  },
  {
    path: '/v1/webhooks/{id}/deliveries',
    method: 'get',
    operation: {
      operationId: 'list-webhook-deliveries',
      summary: 'Deliveries of a webhook, the newest first, without what was sent',
      tags,
      parameters: [
        parameter('id'),
        query('status', STATUSES, 'Only such deliveries'),
        query('limit', { type: 'integer', minimum: 1, maximum: 1_000, default: 50 }, 'Most in the answer'),
        query('cursor', { type: 'string' }, 'nextCursor of the page before'),
      ],
      responses: { 200: answer('The deliveries', list(delivery)), ...problemResponses(400, 401, 403, 404) },
    },
  },
  {
    path: '/v1/webhooks/{id}/deliveries/{delivery}/retry',
    method: 'post',
    operation: {
      operationId: 'retry-webhook-delivery',
      summary: 'Tries a delivery that waits now',
      tags,
      parameters: [parameter('id'), parameter('delivery')],
      responses: {
        200: answer('It is tried within seconds', {
          type: 'object',
          required: ['id', 'status'],
          properties: { id: uuid, status: { const: 'waiting' } },
        }),
        ...problemResponses(400, 401, 403, 404, 409),
      },
    },
  },
];
