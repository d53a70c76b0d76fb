import type { CloudEvent } from '../contracts/public-message';
import type { RawMessage } from './cloud-event-codec';
import { cloudEventOf } from './cloud-event-codec';
import type { Place } from './errors';
import { NotACloudEvent } from './errors';
import type { ConsumerOptions } from './options';

/** Reads a message; undefined where it is no CloudEvent and the consumer has said that it passes over such. */
export function readEvent(
  message: RawMessage,
  place: Place,
  unreadable: ConsumerOptions['unreadable'],
): CloudEvent | undefined {
  try {
    return cloudEventOf(message, place);
  } catch (error) {
    if (!unreadable || !(error instanceof NotACloudEvent)) throw error;
    unreadable(error);
    return undefined;
  }
}
