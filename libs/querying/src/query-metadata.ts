import type { Role } from '@guanxi/commanding';

/** Class of a query's own parameters. */
export type ParametersClass = new () => object;

/** What a query says about itself. */
export interface AnswersOptions {
  readonly summary: string;
  readonly description?: string;
  /** The property of the answer that CSV and NDJSON are made of; absent: the answer is JSON alone. */
  readonly rows?: string;
  /** Role that a key must have; `read` where not said. */
  readonly role?: Role;
  /** JSON Schema of what stands in the answer beside the moments, for the OpenAPI document. */
  readonly schema?: object;
}

const asking = new WeakSet<object>();
const parameters = new WeakMap<object, ParametersClass>();
const answers = new WeakMap<object, AnswersOptions>();

/** Notes on the method that it takes the moments of every query. */
export const noteAsks = (method: object): void => {
  asking.add(method);
};

/** Notes on the method which class its own parameters have. */
export const noteParameters = (method: object, type: ParametersClass): void => {
  parameters.set(method, type);
};

/** Notes on the method what it says about itself. */
export const noteAnswers = (method: object, options: AnswersOptions): void => {
  answers.set(method, options);
};

/** True when the method takes the moments of every query. */
export const asksOf = (method: object): boolean => asking.has(method);

/** The class of the method's own parameters, if it has any. */
export const parametersOf = (method: object): ParametersClass | undefined => parameters.get(method);

/** What the method says about itself, if it is a query. */
export const answersOf = (method: object): AnswersOptions | undefined => answers.get(method);

/** The method that a decorator, or one on a parameter, belongs to. */
export function methodOf(target: object, key: string | symbol | undefined): object {
  const method: unknown = key === undefined ? undefined : Reflect.get(target, key);
  if (typeof method !== 'function') throw new Error('only methods can be decorated so');
  return method;
}
