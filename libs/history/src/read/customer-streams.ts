import { derivedId } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import { categoryOf, idOf } from '@guanxi/kernel';
import type { ReadModel, Snapshot } from '@guanxi/projections';

/** A stream and a customer of whom its events speak. */
export interface CustomerStreamRow {
  readonly stream: string;
  readonly customerId: string;
}

type SpeakingOfCustomers = Pick<RecordedEvent, 'type' | 'stream' | 'data'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Which streams speak of which customer: those of the customer, and those with an event that names the customer.
 * One row for a stream and a customer, so that a late fact looks at no other stream than its own.
 * @param types all event types of the product: each may come to name a customer
 */
export const customerStreams = (
  types: readonly string[],
): ReadModel<CustomerStreamRow, SpeakingOfCustomers, never> => ({
  name: 'customer_streams',
  version: 1,
  types,
  keyOf: (event) => {
    const customerId = customerOf(event);
    return customerId === undefined ? undefined : derivedId('stream', event.stream, customerId);
  },
  columns: { stream: 'text', customerId: 'uuid' },
  evolve: (row, event) => {
    const customerId = customerOf(event);
    return row ?? (customerId === undefined ? null : { stream: event.stream, customerId });
  },
  indexes: ({ current, history }) => [
    `create index if not exists customer_streams_v1_customer on ${current} (customer_id)`,
    `create index if not exists customer_streams_v1_history_customer on ${history} (customer_id)`,
  ],
});

function customerOf({ stream, data }: Pick<RecordedEvent, 'stream' | 'data'>): string | undefined {
  const customerId: unknown = categoryOf(stream) === 'customer' ? idOf(stream) : data['customerId'];
  return typeof customerId === 'string' && UUID.test(customerId) ? customerId.toLowerCase() : undefined;
}

/** The model as queries name it: its tables follow from name and version alone. */
export const customerStreamsModel = customerStreams([]);

/** Names of the streams that speak of one of these customers, what is no id naming none, at the snapshot's moment. */
export async function streamsOf(
  snapshot: Snapshot,
  customerIds: readonly string[],
): Promise<readonly string[]> {
  const rows = await snapshot.rows<{ readonly stream: string }>(
    `select distinct s.stream from ${snapshot.of(customerStreamsModel)} s where s.customer_id = any($1::uuid[])`,
    [customerIds.filter((id) => UUID.test(id))],
  );
  return rows.map(({ stream }) => stream);
}
