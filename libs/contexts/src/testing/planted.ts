import type { EventContract, JsonObject } from '@guanxi/kernel';
import { isUuid } from '@guanxi/kernel';

interface Shape {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

/** Texts of one length are ids, instants, days and currencies: nobody can be named in them. */
const FIXED: Readonly<Record<number, string>> = {
  3: 'CNY',
  10: '2026-03-02',
  24: '2026-03-02T08:00:00.000Z',
  36: '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d',
};

/**
 * A stored event with every field that it may have, also those that its sample leaves out, and a mark in each place in
 * which a free text can stand: names, notes, codes, names and values of custom fields. Ids, words of a vocabulary and
 * figures are those of the sample.
 */
export function planted({ type, schema }: EventContract, sample: unknown): JsonObject {
  return plant(schema as Shape, sample, `${type}:`) as JsonObject;
}

/** The marks in a text, without doubles and in order; `name` of `planted:customer-registered.v1:name`. */
export const marksIn = (text: string): readonly string[] =>
  [...new Set([...text.matchAll(/planted:([^"\\]+)/g)].map(([, mark = '']) => mark))].sort();

function plant(shape: Shape, sample: unknown, path: string): unknown {
  const { anyOf, properties, patternProperties, items } = shape;
  if ('const' in shape) return shape.const;
  if (anyOf) {
    if (anyOf.every((branch) => 'const' in branch)) return sample ?? anyOf[0]?.const;
    const branch = anyOf.find((each) => each.type !== 'null');
    return branch && plant(branch, sample ?? undefined, path);
  }
  if (properties) {
    const given = (sample ?? {}) as JsonObject;
    return Object.fromEntries(
      Object.entries(properties).map(([name, each]) => [
        name,
        plant(each, given[name], path.endsWith(':') ? path + name : `${path}.${name}`),
      ]),
    );
  }
  const [named] = Object.values(patternProperties ?? {});
  if (named) return { [`planted:${path}{}`]: plant(named, undefined, `${path}.*`) };
  if (items) {
    const given = Array.isArray(sample) && sample.length > 0 ? (sample as unknown[]) : [undefined];
    return given.map((each) => plant(items, each, path));
  }
  return plantValue(shape, sample, path);
}

function plantValue({ type, minLength, maxLength, pattern }: Shape, sample: unknown, path: string): unknown {
  if (type === 'boolean') return sample ?? true;
  if (type !== 'string') return sample ?? 1;
  if (pattern !== undefined || isUuid(sample)) return sample;
  if (maxLength !== undefined && minLength === maxLength) return sample ?? FIXED[maxLength];
  return `planted:${path}`;
}
