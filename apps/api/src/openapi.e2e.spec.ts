import { contexts } from '@guanxi/contexts';
import { CommandCatalogue, routeOf, validateInput } from '@guanxi/commanding';
import type { Product } from '@guanxi/platform';
import { answersOf } from '@guanxi/querying';
import { countersContext } from './testing/counters';
import type { Parsed } from './testing/edge';
import { Edge } from './testing/edge';

const described = [...contexts, countersContext];

type Json = Record<string, Parsed>;

/** Every `$ref` in a document. */
function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
  );
}

const resolve = (document: Json, ref: string): unknown =>
  ref
    .slice(2)
    .split('/')
    .reduce<Parsed>((place, part) => place?.[part], document);

describe('the OpenAPI document', () => {
  let edge: Edge;
  let document: Json;
  beforeAll(async () => {
    edge = await Edge.start({}, described);
    document = (await edge.get('/openapi.json', { authorization: '' })).body;
  });
  afterAll(() => edge.stop());

  const commands = new CommandCatalogue(described.flatMap((context) => context.commands)).commands;
  const operations = (): Json[] =>
    Object.values<Json>(document['paths']).flatMap((path) => Object.values<Json>(path));

  it('is OpenAPI 3.1 with a key for everything but health', () => {
    expect(document['openapi']).toBe('3.1.0');
    expect(document['info'].version).toMatch(/^\d+\.\d+\.\d+/);
    expect(document['security']).toEqual([{ key: [] }]);
    expect(document['components'].securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' });
  });

  it('resolves every reference', () => {
    const refs = [...new Set(refsIn(document))];
    expect(refs.length).toBeGreaterThan(30);
    expect(refs.filter((ref) => resolve(document, ref) === undefined)).toEqual([]);
  });

  it.each(commands.map((spec) => [spec.name, spec] as const))(
    'has %s with its body, example and answers',
    (name, spec) => {
      const { post } = document['paths'][routeOf(spec)];
      expect(post).toMatchObject({ operationId: name, summary: spec.summary });
      const { schema, example } = post.requestBody.content['application/json'];
      expect(schema).toEqual({ $ref: `#/components/schemas/${name}` });
      expect(example).toEqual(spec.example);
      const body = document['components'].schemas[name];
      for (const field of Object.keys(spec.example)) expect(Object.keys(body.properties)).toContain(field);
      for (const field of body.required ?? []) expect(Object.keys(spec.example)).toContain(field);
      for (const [field, rules] of Object.entries(body.properties))
        expect([field, rules]).not.toEqual([field, {}]);
      expect(Object.keys(post.responses)).toEqual(
        expect.arrayContaining(['200', '400', '401', '403', '409', '412', '422']),
      );
    },
  );

  it.each(commands.map((spec) => [spec.name, spec] as const))(
    'gives an example of %s that the command takes',
    (_name, spec) => {
      expect(() => validateInput(spec.input, spec.example)).not.toThrow();
    },
  );

  it('has every query with its moments and its own parameters', () => {
    const methods = described
      .flatMap((context) => context.controllers)
      .flatMap(({ prototype }) => Object.getOwnPropertyNames(prototype).map((name) => prototype[name]))
      .filter((method) => typeof method === 'function' && answersOf(method) !== undefined);
    const summaries = operations().map(({ summary }) => summary);
    expect(methods.length).toBeGreaterThan(8);
    for (const method of methods) expect(summaries).toContain(answersOf(method)?.summary);
    const { get } = document['paths']['/v1/counters'];
    expect(get.parameters).toContainEqual({ $ref: '#/components/parameters/AsOf' });
    expect(get.parameters).toContainEqual(
      expect.objectContaining({
        name: 'limit',
        schema: { type: 'integer', minimum: 1, maximum: 50_000, default: 100 },
      }),
    );
    expect(get.parameters).toContainEqual(
      expect.objectContaining({
        name: 'status',
        explode: false,
        schema: { type: 'array', items: { type: 'string', enum: ['open', 'closed'] } },
      }),
    );
    expect(Object.keys(get.responses['200'].content)).toEqual([
      'application/json',
      'text/csv',
      'application/x-ndjson',
    ]);
  });

  it('describes classes inside classes, money and compiled schemas', () => {
    const { OpenCounter, Label } = document['components'].schemas;
    expect(OpenCounter.properties.labels).toEqual({
      type: 'array',
      items: { $ref: '#/components/schemas/Label' },
    });
    expect(Label).toMatchObject({
      required: ['text'],
      properties: { text: { type: 'string', maxLength: 20 } },
    });
    expect(OpenCounter.properties.price.properties.amount).toEqual({ type: 'integer' });
    expect(OpenCounter.properties.sizes.items.properties.size).toEqual({ type: 'integer' });
    expect(OpenCounter.required).toEqual(['name']);
  });

  it('names every operation once', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['send-commands', 'create-api-key', 'is-ready']));
  });

  it('lists nothing that the server does not have', async () => {
    const product: Product = edge.product;
    const paths = Object.entries<Json>(document['paths']).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method, path]),
    );
    for (const [method = '', path = ''] of paths) {
      const url = `${product.url}${path.replaceAll(/\{\w+\}/g, '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d')}`;
      const { status } = await fetch(url, { method: method.toUpperCase() });
      expect([path, status]).toEqual([path, path.startsWith('/health') ? 200 : 401]);
    }
  });
});
