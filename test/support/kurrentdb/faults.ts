import { Metadata, status } from '@grpc/grpc-js';

/**
 * What goes wrong with the next append. `before` means that nothing is written, `after` that the events are written and
 * only the answer is lost.
 */
export type Fault =
  | { readonly kind: 'unavailable' | 'silence' | 'timeout' | 'aborted'; readonly when: 'before' | 'after' }
  | { readonly kind: 'not-leader'; readonly port: number }
  | { readonly kind: 'follower' };

/** Errors as a handler of grpc-js passes them on. */
export interface GrpcError {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

export function grpcError(
  code: status,
  details: string,
  entries: Record<string, string | Buffer> = {},
): GrpcError {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return { code, details, metadata };
}

/** Faults wait here for the appends that they hit, one each. */
export class Faults {
  private readonly waiting: Fault[] = [];

  /** The next append, of whatever kind, meets this fault. */
  add(...faults: readonly Fault[]): void {
    this.waiting.push(...faults);
  }

  take(): Fault | undefined {
    return this.waiting.shift();
  }

  get pending(): number {
    return this.waiting.length;
  }
}

/**
 * The error of a fault as a unary or streaming call ends with it; undefined for silence.
 */
export function errorOf(fault: Fault): GrpcError | undefined {
  switch (fault.kind) {
    case 'unavailable':
      return grpcError(status.UNAVAILABLE, 'Server is not ready');
    case 'aborted':
      return grpcError(status.ABORTED, 'Operation timed out');
    case 'timeout':
      return grpcError(status.DEADLINE_EXCEEDED, 'Deadline exceeded');
    case 'follower':
      return grpcError(status.FAILED_PRECONDITION, 'not the leader');
    case 'not-leader':
      return grpcError(status.NOT_FOUND, 'Leader info available', {
        exception: 'not-leader',
        'leader-endpoint-host': '127.0.0.1',
        'leader-endpoint-port': String(fault.port),
      });
    case 'silence':
      return undefined;
  }
}
