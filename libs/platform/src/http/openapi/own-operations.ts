import type { CommandSpec } from '@guanxi/commanding';
import { BULK_TYPE } from '@guanxi/commanding';
import type { Operation } from './command-operations';
import type { Schema } from './input-schemas';
import { parameterRef, problemResponses, schemaRef } from './shared-parts';
import { webhookOperations } from './webhook-operations';

const json = (schema: Schema): Schema => ({ 'application/json': { schema } });

const items = (schema: Schema): Schema => ({
  type: 'object',
  required: ['items'],
  properties: { items: { type: 'array', items: schema } },
});

/** Operations of the edge itself: bulk, catalogue, keys, health. */
export function ownOperations(commands: readonly CommandSpec[]): readonly Operation[] {
  return [bulk(commands), catalogue, ...keys, ...webhookOperations, ...health];
}

function bulk(commands: readonly CommandSpec[]): Operation {
  const example = commands.slice(0, 3).map((spec, index) =>
    JSON.stringify({
      command: spec.name,
      ...(spec.verb === undefined ? {} : { id: '01890a5d-ac96-774b-bcce-b302099a8057' }),
      key: `example-${index + 1}`,
      data: spec.example,
    }),
  );
  return {
    path: '/v1/commands',
    method: 'post',
    operation: {
      operationId: 'send-commands',
      summary:
        'Many commands in one call, a line each; answered line by line in the same order, streaming both ways',
      description:
        'Commands of one thing are carried out one after the other; others side by side. A refused line stops no other. Each line needs the role of its command.',
      tags: ['commands'],
      parameters: [parameterRef('CorrelationId')],
      requestBody: {
        required: true,
        content: { [BULK_TYPE]: { schema: schemaRef('BulkLine'), example: example.join('\n') } },
      },
      responses: {
        200: {
          description: 'A line for each line',
          content: { [BULK_TYPE]: { schema: schemaRef('BulkAnswer') } },
        },
        ...problemResponses(401, 403, 415, 500, 503),
      },
    },
  };
}

const catalogue: Operation = {
  path: '/v1/commands',
  method: 'get',
  operation: {
    operationId: 'list-commands',
    summary: 'Every command with its route, role and an example',
    tags: ['commands'],
    responses: {
      200: { description: 'The commands', content: json({ type: 'object' }) },
      ...problemResponses(401, 403),
    },
  },
};

const keys: readonly Operation[] = [
  {
    path: '/v1/api-keys',
    method: 'get',
    operation: {
      operationId: 'list-api-keys',
      summary: 'All keys, without their secrets',
      tags: ['api-keys'],
      responses: {
        200: { description: 'The keys', content: json(items(schemaRef('ApiKey'))) },
        ...problemResponses(401, 403),
      },
    },
  },
  {
    path: '/v1/api-keys',
    method: 'post',
    operation: {
      operationId: 'create-api-key',
      summary: 'A new key; its secret stands in this answer alone',
      tags: ['api-keys'],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: schemaRef('NewApiKey'),
            example: { name: 'reports', roles: ['read'] },
          },
        },
      },
      responses: {
        201: { description: 'The key', content: json(schemaRef('ApiKey')) },
        ...problemResponses(400, 401, 403),
      },
    },
  },
  {
    path: '/v1/api-keys/{id}/revoke',
    method: 'post',
    operation: {
      operationId: 'revoke-api-key',
      summary: 'Ends a key; everywhere within five seconds',
      tags: ['api-keys'],
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      responses: {
        200: { description: 'The key', content: json(schemaRef('ApiKey')) },
        ...problemResponses(401, 403, 404, 409),
      },
    },
  },
];

const health: readonly Operation[] = [
  {
    path: '/health/live',
    method: 'get',
    operation: {
      operationId: 'is-live',
      summary: 'The process lives',
      tags: ['health'],
      security: [],
      responses: { 200: { description: 'It does', content: json({ type: 'object' }) } },
    },
  },
  {
    path: '/health/ready',
    method: 'get',
    operation: {
      operationId: 'is-ready',
      summary:
        'Requests may come here: the database answers; how far read models, relay, feed and webhooks are',
      tags: ['health'],
      security: [],
      responses: {
        200: { description: 'They may', content: json({ type: 'object' }) },
        503: { description: 'They may not', content: json({ type: 'object' }) },
      },
    },
  },
  {
    path: '/metrics',
    method: 'get',
    operation: {
      operationId: 'metrics',
      summary: "Measurements in Prometheus' text form; needs a key with the role read or operate",
      tags: ['health'],
      responses: {
        200: { description: 'Measurements', content: { 'text/plain': { schema: { type: 'string' } } } },
        ...problemResponses(401, 403),
      },
    },
  },
];
