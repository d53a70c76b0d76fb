import type { EventMetadata, RecordedEvent } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';

/** An event of a test before it has a place in the log. */
export interface Told {
  readonly stream: string;
  readonly type: string;
  readonly data: object;
  readonly at: string;
}

/** Events in the order in which they were told, as the store would return them. */
export function recorded(told: readonly Told[]): readonly RecordedEvent[] {
  const revisions = new Map<string, number>();
  return told.map(({ stream, type, data, at }, index) => {
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    return {
      id: `event ${index}`,
      type,
      stream,
      revision,
      position: BigInt(index + 1),
      occurredAt: parseInstant(at),
      recordedAt: parseInstant(at),
      data: data as RecordedEvent['data'],
      metadata: { commandId: String(index) } as EventMetadata,
    };
  });
}
