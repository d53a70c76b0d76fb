/** What an error says of itself. */
export interface ChainedError {
  readonly name?: string;
  /** Its type in the protocol of Kafka. */
  readonly type?: string;
  /** A number of that protocol, or a word of Node.js and OpenSSL. */
  readonly code?: number | string;
  readonly message: string;
}

const DEEPEST = 5;

/** An error and those behind it, from the outermost inward. */
export function errorChain(error: unknown, depth = 0): readonly ChainedError[] {
  if (typeof error !== 'object' || error === null || depth > DEEPEST) return [];
  const { type, code, name, message, cause, errors } = own(error);
  const members: readonly unknown[] = Array.isArray(errors) ? errors : [];
  return [
    {
      ...(typeof name === 'string' && { name }),
      ...(typeof type === 'string' && { type }),
      ...((typeof code === 'string' || typeof code === 'number') && { code }),
      message: typeof message === 'string' ? message : '',
    },
    ...errorChain(cause, depth + 1),
    ...members.flatMap((member) => errorChain(member, depth + 1)),
  ];
}

const own = (error: object): Readonly<Record<string, unknown>> => ({
  ...('type' in error && { type: error.type }),
  ...('code' in error && { code: error.code }),
  ...('name' in error && { name: error.name }),
  ...('message' in error && { message: error.message }),
  ...('cause' in error && { cause: error.cause }),
  ...('errors' in error && { errors: error.errors }),
});
