import type { CommandSpec } from '@guanxi/commanding';
import { routeOf } from '@guanxi/commanding';
import type { InputSchemas, Schema } from './input-schemas';
import { parameterRef, problemResponses, schemaRef } from './shared-parts';

/** An operation and where it stands. */
export interface Operation {
  readonly path: string;
  readonly method: 'get' | 'post';
  readonly operation: Schema;
}

const occurredAt = {
  type: 'string',
  format: 'date-time',
  description: 'When it happened; now where not said, never in the future',
};
const id = { type: 'string', format: 'uuid', description: 'The id that it is to have; made where not said' };

/** Schema of the body of a command's own route. */
export function bodySchemaOf(spec: CommandSpec, schemas: InputSchemas): Schema {
  const { properties, required } = schemas.fieldsOf(spec.input);
  return {
    type: 'object',
    properties: { ...properties, ...(spec.verb === undefined ? { id } : {}), occurredAt },
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

/** The operation of a declared command; its body is the component named after it. */
export function commandOperation(spec: CommandSpec): Operation {
  const opens = spec.verb === undefined;
  const answer = (description: string, headers: Schema): Schema => ({
    description,
    headers: { ETag: header('Revision of the thing, for If-Match'), ...headers },
    content: { 'application/json': { schema: schemaRef('CommandAnswer') } },
  });
  return {
    path: routeOf(spec),
    method: 'post',
    operation: {
      operationId: spec.name,
      summary: spec.summary,
      description: `Needs a key with the role ${spec.role}.`,
      tags: [spec.collection],
      parameters: [
        ...(opens ? [] : [parameterRef('Id')]),
        parameterRef('IdempotencyKey'),
        parameterRef('IfMatch'),
        parameterRef('CorrelationId'),
      ],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaRef(spec.name), example: spec.example } },
      },
      responses: {
        ...(opens ? { 201: answer('Accepted: it is there now', { Location: header('Where it is') }) } : {}),
        200: answer(opens ? 'Nothing to change' : 'Accepted, or nothing to change', {}),
        ...problemResponses(400, 401, 403, 404, 409, 412, 413, 415, 422, 500, 503),
      },
    },
  };
}

const header = (description: string): Schema => ({ description, schema: { type: 'string' } });
