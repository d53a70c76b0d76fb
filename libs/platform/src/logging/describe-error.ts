/** What a log may say about an error. */
export interface ErrorDescription {
  readonly name: string;
  readonly message?: string;
  readonly code?: string;
  readonly stack?: string;
}

/**
 * An error for the log. PostgreSQL puts values of a row into its messages, so that of its errors only the code and
 * the names of things remain.
 */
export function describeError(error: unknown): ErrorDescription {
  if (!isError(error)) return { name: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const frames = error.stack
    ?.split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 12)
    .map((line) => line.trim())
    .join(' | ');
  const stack = frames === undefined || frames === '' ? {} : { stack: frames };
  if (!('severity' in error)) return { name: error.name, message: error.message, ...code, ...stack };
  const named = ['table', 'constraint', 'routine'].flatMap((field) => {
    const value: unknown = Reflect.get(error, field);
    return typeof value === 'string' ? [`${field} ${value}`] : [];
  });
  return { name: 'PostgresError', message: named.join(', '), ...code, ...stack };
}

/** Told by shape: errors of Node itself may come from another realm. */
export const isError = (value: unknown): value is Error =>
  typeof value === 'object' && value !== null && 'name' in value && 'message' in value && 'stack' in value;
