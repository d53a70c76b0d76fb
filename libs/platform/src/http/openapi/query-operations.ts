import type { ParametersClass } from '@guanxi/querying';
import { CSV, JSON_TYPE, NDJSON, answersOf, asksOf, parametersOf } from '@guanxi/querying';
import { RequestMethod } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { Operation } from './command-operations';
import type { InputSchemas, Schema } from './input-schemas';
import { parameterRef, problemResponses, schemaRef } from './shared-parts';

/** The operations of a controller's queries. */
export function queryOperations(controller: Type, schemas: InputSchemas): readonly Operation[] {
  const prototype: unknown = controller.prototype;
  if (typeof prototype !== 'object' || prototype === null) return [];
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const method: unknown = Reflect.get(prototype, name);
    return typeof method === 'function' && answersOf(method)
      ? [operationOf(controller, method, schemas)]
      : [];
  });
}

function operationOf(controller: Type, method: object, schemas: InputSchemas): Operation {
  const options = answersOf(method);
  const path = pathOf(controller, method);
  const parameters = parametersOf(method);
  const rows = options?.rows;
  const envelope = asksOf(method) ? [schemaRef('SpeaksFor')] : [];
  const text = { schema: { type: 'string' } };
  return {
    path,
    method: Reflect.getMetadata(METHOD_METADATA, method) === RequestMethod.POST ? 'post' : 'get',
    operation: {
      operationId: operationId(path),
      summary: options?.summary ?? '',
      ...(options?.description === undefined ? {} : { description: options.description }),
      tags: [path.split('/')[2] ?? 'queries'],
      parameters: [
        ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => pathParameter(name ?? '')),
        ...(asksOf(method) ? ['AsOf', 'AsKnownAt', 'MinPosition'].map(parameterRef) : []),
        parameterRef('CorrelationId'),
        ...(parameters ? queryParameters(parameters, schemas) : []),
      ],
      responses: {
        200: {
          description: options?.summary ?? '',
          content: {
            [JSON_TYPE]: { schema: { allOf: [...envelope, options?.schema ?? { type: 'object' }] } },
            ...(rows === undefined ? {} : { [CSV]: text, [NDJSON]: text }),
          },
        },
        ...problemResponses(400, 401, 403, 404, 406, 500, 503, 504),
      },
    },
  };
}

function queryParameters(type: ParametersClass, schemas: InputSchemas): readonly Schema[] {
  const { properties, required } = schemas.fieldsOf(type);
  const defaults = new Map<string, unknown>(Object.entries(new type()));
  return Object.entries(properties).map(([name, schema]) => {
    const value = defaults.get(name);
    const isArray = schema['type'] === 'array';
    return {
      name,
      in: 'query',
      ...(required.includes(name) && value === undefined ? { required: true } : {}),
      ...(isArray ? { style: 'form', explode: false } : {}),
      schema: value === undefined ? schema : { ...schema, default: value },
    };
  });
}

const pathParameter = (name: string): Schema => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string' },
});

/** Path of a route, `{id}` in braces. */
function pathOf(controller: object, method: object): string {
  const parts = [controller, method].map((place) => {
    const path: unknown = Reflect.getMetadata(PATH_METADATA, place);
    return typeof path === 'string' ? path : '';
  });
  const path = parts
    .join('/')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (part.startsWith(':') ? `{${part.slice(1)}}` : part));
  return `/${path.join('/')}`;
}

/** `get-pipeline-board` for `/v1/pipeline/board`. */
const operationId = (path: string): string =>
  ['get', ...path.replace(/[{}]/g, '').split('/').slice(2)].join('-');
