import { InvalidArgumentError } from 'commander';
import { WrongUse } from './failures';
import { type JsonObject, type JsonValue, isRecord } from './import/types';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** A moment as people write it: a day stands for its beginning in UTC. What is none, the server refuses by name. */
export const moment = (text: string): string => (DAY.test(text) ? `${text}T00:00:00Z` : text);

/** A whole number within limits. */
export const whole =
  (low: number, high: number) =>
  (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`must be a whole number from ${String(low)} to ${String(high)}.`);
  };

/** The position of an event, as text. */
export function position(text: string): string {
  if (/^\d{1,18}$/.test(text)) return text;
  throw new InvalidArgumentError('must be the position of an event: a whole number.');
}

/** `name=value` pairs as parameters of a query. @throws WrongUse */
export function pairs(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map(pair));
}

/**
 * `field=value` pairs as the data of a command: dots lead into objects (`value.amount=125000`), and what is JSON
 * (a number, true, null, a list, quoted text) is taken as such.
 * @throws WrongUse
 */
export function dataOf(texts: readonly string[]): JsonObject {
  const data: Nested = {};
  for (const [path, value] of texts.map(pair)) put(data, path, value);
  return data;
}

/** JSON text as the data of a command. @param source how it was given, for the message. @throws WrongUse */
export function jsonData(text: string, source: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new WrongUse(`${source} is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (!isJsonObject(value)) throw new WrongUse(`${source} must be a JSON object`);
  return value;
}

/** What JSON.parse gave is JSON: an object of it needs no deeper look. */
const isJsonObject = (value: unknown): value is JsonObject => isRecord(value);

interface Nested {
  [name: string]: JsonValue | Nested;
}

function put(data: Nested, path: string, text: string): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let place = data;
  for (const name of names) {
    const inner = Object.hasOwn(place, name) ? place[name] : undefined;
    if (inner !== undefined && !isNested(inner))
      throw new WrongUse(`${path} leads into ${name}, which has a value already`);
    const next: Nested = inner ?? {};
    define(place, name, next);
    place = next;
  }
  define(place, last, parsed(text));
}

/** Also a name such as `__proto__` becomes a plain field. */
function define(place: Nested, name: string, value: JsonValue | Nested): void {
  Object.defineProperty(place, name, { value, enumerable: true, configurable: true, writable: true });
}

const isNested = (value: JsonValue | Nested): value is Nested => isRecord(value);

function parsed(text: string): JsonValue {
  if (!/^([-\d[{"]|true$|false$|null$)/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : text;
  } catch {
    return text;
  }
}

const isJson = (value: unknown): value is JsonValue => value !== undefined;

function pair(text: string): readonly [name: string, value: string] {
  const split = text.indexOf('=');
  if (split > 0) return [text.slice(0, split), text.slice(split + 1)];
  throw new WrongUse(`${JSON.stringify(text)} is no name=value`);
}
