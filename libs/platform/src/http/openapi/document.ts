import type { CommandSpec } from '@guanxi/commanding';
import type { Publication } from '@guanxi/publishing';
import { feedOperation } from '@guanxi/publishing';
import type { Type } from '@nestjs/common';
import { NewApiKeyInput } from '../../auth/new-api-key.input';
import type { Operation } from './command-operations';
import { bodySchemaOf, commandOperation } from './command-operations';
import type { Schema } from './input-schemas';
import { InputSchemas } from './input-schemas';
import { ownOperations } from './own-operations';
import { queryOperations } from './query-operations';
import { sharedParameters, sharedResponses, sharedSchemas } from './shared-parts';

/** What the document tells of. */
export interface Described {
  readonly version: string;
  readonly commands: readonly CommandSpec[];
  /** Controllers of the queries. */
  readonly controllers: readonly Type[];
  /** What there is to read in the feed. */
  readonly publications: readonly Publication[];
}

/** The OpenAPI 3.1 document: everything in it follows from declarations, so that nothing can be missing. */
export function openApiDocument({ version, commands, controllers, publications }: Described): Schema {
  const schemas = new InputSchemas();
  const bodies = Object.fromEntries(commands.map((spec) => [spec.name, bodySchemaOf(spec, schemas)]));
  const operations = [
    ...commands.map(commandOperation),
    ...controllers.flatMap((controller) => queryOperations(controller, schemas)),
    ...ownOperations(commands),
    feedOperation(publications),
  ];
  const newApiKey = { type: 'object', ...schemas.fieldsOf(NewApiKeyInput), additionalProperties: false };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Guanxi',
      version,
      description:
        'Event-sourced customer management. Commands change, queries tell; every query can be asked as of any moment (asOf) with the knowledge of any moment (asKnownAt). Money is integer minor units with a currency.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    tags: tagsOf(operations),
    paths: pathsOf(operations),
    components: {
      schemas: { ...sharedSchemas, NewApiKey: newApiKey, ...schemas.components, ...bodies },
      parameters: sharedParameters,
      responses: sharedResponses,
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key' } },
    },
  };
}

function pathsOf(operations: readonly Operation[]): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const { path, method, operation } of operations) {
    const at = (paths[path] ??= {});
    if (at[method]) throw new Error(`two operations claim ${method} ${path}`);
    at[method] = operation;
  }
  return paths;
}

function tagsOf(operations: readonly Operation[]): readonly Schema[] {
  const names = operations.flatMap(({ operation }) => {
    const tags: unknown = operation['tags'];
    return Array.isArray(tags) ? tags.map(String) : [];
  });
  return [...new Set(names)].map((name) => ({ name }));
}
