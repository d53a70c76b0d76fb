import { ImportFailure, isRecord } from '../types';

/** One mapping of a YAML document, read key by key; a key that nobody knows is refused by its name. */
export class Section {
  private constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    readonly path: string,
  ) {}

  /** @throws ImportFailure `mapping.unknown-key`, `mapping.type` */
  static of(value: unknown, path: string, known: readonly string[]): Section {
    const section = Section.open(value, path);
    const unknown = section.keys().find((key) => !known.includes(key));
    if (unknown === undefined) return section;
    throw new ImportFailure(
      'mapping.unknown-key',
      `${section.at(unknown)}: unknown key; known here: ${known.join(', ')}`,
    );
  }

  /** A section whose keys are names of the user's own. */
  static open(value: unknown, path: string): Section {
    if (!isRecord(value)) throw wrongType(path === '' ? 'the mapping' : path, 'keys with values');
    return new Section(value, path);
  }

  keys(): string[] {
    return Object.keys(this.values);
  }

  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  has(key: string): boolean {
    return this.value(key) !== undefined;
  }

  value(key: string): unknown {
    return Object.hasOwn(this.values, key) ? this.values[key] : undefined;
  }

  /** A text; a number or boolean is taken as it is written. */
  text(key: string): string | undefined {
    return this.optional(key, scalar);
  }

  requiredText(key: string): string {
    const text = this.text(key);
    if (text === undefined) throw new ImportFailure('mapping.required', `${this.at(key)} is missing`);
    return text;
  }

  oneOf<T extends string>(key: string, options: readonly T[]): T | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const option = options.find((each) => each === text);
    if (option === undefined) throw wrongType(this.at(key), `one of ${options.join(', ')}`);
    return option;
  }

  integer(key: string, least: number, most: number): number | undefined {
    return this.optional(key, (value, path) => {
      if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)
        return value;
      throw wrongType(path, `a whole number from ${String(least)} to ${String(most)}`);
    });
  }

  boolean(key: string): boolean | undefined {
    return this.optional(key, (value, path) => {
      if (typeof value === 'boolean') return value;
      throw wrongType(path, 'true or false');
    });
  }

  /** A list of texts, or one text alone. */
  texts(key: string): string[] | undefined {
    return this.optional(key, (value, path) =>
      Array.isArray(value)
        ? value.map((item: unknown, index) => scalar(item, `${path}[${String(index)}]`))
        : [scalar(value, path)],
    );
  }

  list<T>(key: string, read: (value: unknown, path: string) => T): T[] {
    const items = this.optional(key, (value, path): readonly unknown[] => {
      if (Array.isArray(value)) return value;
      throw wrongType(path, 'a list');
    });
    return (items ?? []).map((item, index) => read(item, `${this.at(key)}[${String(index)}]`));
  }

  /** Names with values, in their order. */
  table<T>(key: string, read: (value: unknown, path: string) => T): Map<string, T> {
    if (!this.has(key)) return new Map();
    const section = Section.open(this.value(key), this.at(key));
    return new Map(section.keys().map((name) => [name, read(section.value(name), section.at(name))]));
  }

  optional<T>(key: string, read: (value: unknown, path: string) => T): T | undefined {
    const value = this.value(key);
    return value === undefined || value === null ? undefined : read(value, this.at(key));
  }
}

export function scalar(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw wrongType(path, 'a text or number');
}

export const wrongType = (path: string, expected: string): ImportFailure =>
  new ImportFailure('mapping.type', `${path}: expected ${expected}`);
