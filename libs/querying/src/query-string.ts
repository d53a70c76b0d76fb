import type { ExecutionContext } from '@nestjs/common';

/** What the querying decorators read of a request. */
export interface QueryRequest {
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The request behind a parameter decorator. */
export const queryRequest = (context: ExecutionContext): QueryRequest =>
  context.switchToHttp().getRequest<QueryRequest>();

/** A header that is sent once. */
export function headerOf({ headers }: QueryRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
