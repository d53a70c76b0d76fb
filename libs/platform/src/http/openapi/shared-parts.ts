import { ROLES } from '@guanxi/commanding';
import type { Schema } from './input-schemas';

const string = { type: 'string' };
const instant = { type: 'string', format: 'date-time' };

/** Schemas that many operations share. */
export const sharedSchemas: Readonly<Record<string, Schema>> = {
  Problem: {
    type: 'object',
    description: 'RFC 9457',
    required: ['type', 'title', 'status', 'detail', 'code'],
    properties: {
      type: { type: 'string', format: 'uri-reference' },
      title: string,
      status: { type: 'integer' },
      detail: string,
      code: { type: 'string', description: 'Stable name of the rule; what programs look at' },
      instance: string,
      correlationId: string,
      retryAfter: { type: 'integer', description: 'Seconds' },
      errors: { type: 'array', items: { $ref: '#/components/schemas/FieldError' } },
      facts: { type: 'object', additionalProperties: true },
    },
  },
  FieldError: {
    type: 'object',
    required: ['field', 'rule', 'pointer', 'message'],
    properties: {
      field: string,
      rule: string,
      pointer: { type: 'string', format: 'json-pointer' },
      message: string,
    },
  },
  CommandAnswer: {
    type: 'object',
    required: ['id', 'revision', 'position', 'events', 'status'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      revision: { type: 'integer', description: "Revision of the thing's last event; goes into If-Match" },
      position: { type: 'string', description: 'Position in the log; goes into Guanxi-Min-Position' },
      events: { type: 'array', items: string },
      status: { enum: ['accepted', 'unchanged'] },
      secret: {
        type: ['string', 'null'],
        description: 'Of commands that make one, in the first answer alone; null in that to a repeat',
      },
      notice: string,
    },
  },
  BulkLine: {
    type: 'object',
    required: ['command'],
    additionalProperties: false,
    properties: {
      command: string,
      id: { type: 'string', format: 'uuid' },
      key: { type: 'string', minLength: 1, maxLength: 200, description: 'Idempotency key' },
      occurredAt: instant,
      data: { type: 'object' },
    },
  },
  BulkAnswer: {
    type: 'object',
    required: ['status'],
    properties: {
      key: string,
      status: { enum: ['accepted', 'unchanged', 'refused'] },
      id: { type: 'string', format: 'uuid' },
      revision: { type: 'integer' },
      position: string,
      events: { type: 'array', items: string },
      line: { type: 'integer', description: 'Number of a refused line' },
      problem: { $ref: '#/components/schemas/Problem' },
    },
  },
  SpeaksFor: {
    type: 'object',
    description: 'For which moment and knowledge an answer speaks',
    required: ['asOf', 'asKnownAt', 'position', 'policyVersion'],
    properties: {
      asOf: instant,
      asKnownAt: instant,
      position: { type: 'string', description: 'Events up to this position are counted in' },
      policyVersion: { type: 'integer' },
    },
  },
  ApiKey: {
    type: 'object',
    required: ['id', 'name', 'roles', 'lastFour', 'createdAt', 'expiresAt', 'revokedAt'],
    properties: {
      id: string,
      name: string,
      roles: { type: 'array', items: { enum: [...ROLES] } },
      lastFour: string,
      createdAt: instant,
      expiresAt: { type: ['string', 'null'], format: 'date-time' },
      revokedAt: { type: ['string', 'null'], format: 'date-time' },
      key: { type: 'string', description: 'The key itself; in the answer that makes it, and never again' },
    },
  },
};

/** Parameters that many operations share. */
export const sharedParameters: Readonly<Record<string, Schema>> = {
  Id: { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'A repeat under the same key gets the first answer and does nothing; another body under it is a 422',
    schema: { type: 'string', minLength: 1, maxLength: 200 },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The ETag that was read; 412 when the thing has changed since',
    schema: { type: 'string', pattern: '^"[0-9]+"$' },
  },
  CorrelationId: {
    name: 'X-Correlation-Id',
    in: 'header',
    description: 'Noted on the events and in the log, and sent back',
    schema: { type: 'string', minLength: 1, maxLength: 200 },
  },
  AsOf: {
    name: 'asOf',
    in: 'query',
    description: 'The moment whose truth is asked for; now where not said',
    schema: instant,
  },
  AsKnownAt: {
    name: 'asKnownAt',
    in: 'query',
    description: 'The moment whose knowledge the answer may rest on; now where not said',
    schema: instant,
  },
  MinPosition: {
    name: 'Guanxi-Min-Position',
    in: 'header',
    description: 'Waits until the answer counts in this position; 504 after five seconds',
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
};

const PROBLEMS: Readonly<Record<string, string>> = {
  '400': 'A rule of form is broken; each broken rule is named',
  '401': 'No key, or one that is not valid',
  '403': 'The key lacks the role',
  '404': 'There is no such thing',
  '406': 'The answer does not come in this form',
  '409': 'The facts so far forbid it',
  '412': 'It has changed since it was read',
  '413': 'The body is too large',
  '415': 'The content type is not understood',
  '422': 'The idempotency key was used for another command',
  '500': 'A fault on our side',
  '503': 'Not now; Retry-After says when',
  '504': 'The read models are behind the position asked for',
};

/** Problem responses under their status. */
export const sharedResponses: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.entries(PROBLEMS).map(([status, description]): [string, Schema] => [
    `Problem${status}`,
    {
      description,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]),
);

/** References to the problem responses of an operation. */
export const problemResponses = (...statuses: readonly number[]): Readonly<Record<string, Schema>> =>
  Object.fromEntries(
    statuses.map((status) => [String(status), { $ref: `#/components/responses/Problem${status}` }]),
  );

/** A reference to a shared parameter. */
export const parameterRef = (name: string): Schema => ({ $ref: `#/components/parameters/${name}` });

/** A reference to a schema. */
export const schemaRef = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
