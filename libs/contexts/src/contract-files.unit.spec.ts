import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import asyncApi from '@asyncapi/specs/schemas/3.0.0.json';
import { checkContracts } from '@guanxi/publishing';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { contexts } from '.';

interface Message {
  readonly name: string;
  readonly headers: object;
  readonly payload: { readonly $ref: string };
  readonly bindings: { readonly kafka: { readonly key: { readonly pattern: string } } };
  readonly examples: readonly { readonly headers: Record<string, string>; readonly payload: object }[];
}
interface Document {
  readonly channels: Record<string, { readonly address: string; readonly messages: Record<string, object> }>;
  readonly operations: Record<string, { action: string; readonly messages: readonly object[] }>;
  readonly components: {
    readonly messages: Record<string, Message>;
    readonly schemas: Record<string, object>;
  };
}

const folder = join(__dirname, '../../../docs/contracts');
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
const readDocument = (options: object = {}): Document => parse(textOf('asyncapi.yaml'), options) as Document;

const publications = contexts.flatMap(({ publishes = [] }) => publishes);
const document = readDocument();
const messages = Object.entries(document.components.messages);
const schemas = readdirSync(join(folder, 'schemas')).sort();

it('are as the code has them, and break nothing that was published', async () => {
  const today = new Date().toISOString().slice(0, 10);
  expect(await checkContracts({ publications, folder, today })).toEqual({ breaches: [], stale: [] });
});

describe('asyncapi.yaml', () => {
  // The schema of AsyncAPI brings that of JSON Schema along.
  const ajv = new Ajv({ strict: false, meta: false, validateSchema: false, allErrors: true });
  addFormats(ajv);
  const check = ajv.compile(asyncApi);

  it('is valid by the schema of AsyncAPI 3.0, which finds faults', () => {
    expect(check(document) || check.errors).toBe(true);
    const wrong = readDocument();
    const [operation] = Object.values(wrong.operations);
    if (operation) operation.action = 'tell';
    expect(check(wrong)).toBe(false);
    const { channels: _gone, components, ...rest } = document;
    expect(check({ ...rest, components, chanels: {} })).toBe(false);
  });

  it('points to nothing that is not there', () => {
    const text = textOf('asyncapi.yaml');
    const pointers = new Set([...text.matchAll(/\$ref: "?(#[^"\n]+)"?/g)].map(([, pointer = '']) => pointer));
    expect(pointers.size).toBeGreaterThan(2 * messages.length);
    for (const pointer of pointers) {
      const found = pointer
        .slice(2)
        .split('/')
        .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], document);
      expect([pointer, typeof found]).toEqual([pointer, 'object']);
    }
    expect(text.match(/\$ref: "?(?!"?#)/g)).toBeNull();
  });

  it('has every topic, and every contract in one channel and one operation', () => {
    const channels = Object.values(document.channels);
    expect(channels.map(({ address }) => address).sort()).toEqual(
      publications.map(({ topic }) => topic.name).sort(),
    );
    const names = messages.map(([name]) => name);
    expect(channels.flatMap((channel) => Object.keys(channel.messages)).sort()).toEqual(names);
    expect(Object.values(document.operations).flatMap((operation) => operation.messages)).toHaveLength(
      names.length,
    );
  });

  it('says the same to readers of YAML 1.1', () => {
    expect(readDocument({ version: '1.1' })).toEqual(document);
  });

  it.each(messages)('%s: its example fits its headers, payload and key', (name, message) => {
    const [example] = message.examples;
    if (!example) throw new Error(`${name} has no example`);
    const whole = new Ajv({ strict: false });
    addFormats(whole);
    whole.addSchema({ $id: 'doc', components: document.components });
    const fits = (schema: object, value: unknown): unknown => {
      const compiled = whole.compile(
        JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"doc#/')) as object,
      );
      return compiled(value) || compiled.errors;
    };
    expect(fits(message.headers, example.headers)).toBe(true);
    expect(fits(message.headers, { ...example.headers, ce_type: 'guanxi.other.v1' })).not.toBe(true);
    const { 'guanxi-position': _position, ...without } = example.headers;
    expect(fits(message.headers, without)).not.toBe(true);
    expect(fits(message.payload, example.payload)).toBe(true);
    expect(example.headers['ce_subject']).toMatch(new RegExp(message.bindings.kafka.key.pattern));
    expect(example.headers['ce_type']).toBe(message.name);
  });
});

describe('schemas', () => {
  it('are one file a contract', () => {
    expect(schemas).toEqual(messages.map(([name]) => `${name}.json`));
  });

  it.each(schemas)(
    '%s is JSON Schema 2020-12, fits its example, and bears a field that it does not know',
    (file) => {
      const schema = JSON.parse(textOf(`schemas/${file}`)) as { $id: string; required?: readonly string[] };
      const ajv = new Ajv2020({ strict: true });
      addFormats(ajv);
      const check = ajv.compile(schema);
      const name = file.replace('.json', '');
      const example = document.components.messages[name]?.examples[0];
      expect(schema.$id).toBe(example?.headers['ce_dataschema']);
      expect(check(example?.payload) || check.errors).toBe(true);
      expect(check({ ...example?.payload, somethingNew: 1 })).toBe(true);
      for (const field of schema.required ?? []) {
        const { [field]: _gone, ...rest } = (example?.payload ?? {}) as Record<string, unknown>;
        expect([field, check(rest)]).toEqual([field, false]);
      }
      expect(JSON.stringify(schema)).not.toContain('"const"');
    },
  );
});

describe('index.html', () => {
  const page = textOf('index.html');

  it('needs nothing from elsewhere', () => {
    expect(page).not.toMatch(/<(?:script|link|img|iframe|object|embed)\b|@import|url\(|https?:/i);
    const places = [...page.matchAll(/href="([^"#]+)"/g)].map(([, place = '']) => place);
    expect([...new Set(places)].sort()).toEqual(
      ['asyncapi.yaml', 'published.json', ...schemas.map((file) => `schemas/${file}`)].sort(),
    );
  });

  it('has a place for every contract that it points to', () => {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id));
    for (const [, target = ''] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
    for (const [name] of messages) expect(ids).toContain(name);
  });
});
