import type { Filter } from '@kurrent/kurrentdb-client';
import { EVENT_TYPE, STREAM_NAME, eventTypeFilter, streamNameFilter } from '@kurrent/kurrentdb-client';
import { categoryOf } from '@guanxi/kernel';
import type { EventFilter } from '@guanxi/event-store';
import type { KurrentRecord } from './record-codec';

/** What the server is asked for: events of the server's own are never wanted. */
export type Expression = { readonly on: typeof EVENT_TYPE | typeof STREAM_NAME } & (
  { readonly prefixes: readonly string[] } | { readonly regex: string }
);

const NO_SYSTEM_EVENTS: Expression = { on: EVENT_TYPE, regex: '^[^$]' };
const NOTHING: Expression = { on: EVENT_TYPE, regex: '^(?!)' };

/**
 * The part of a filter that the server can apply: it knows types or stream names, by how they begin or by a pattern.
 * Types come first, as they tell most; what is left is for `passes`.
 */
export function expressionOf({ types, prefixes, categories }: EventFilter): Expression {
  if ([types, prefixes, categories].some((values) => values?.length === 0)) return NOTHING;
  if (types) return { on: EVENT_TYPE, prefixes: types };
  if (prefixes?.includes('') === true) return NO_SYSTEM_EVENTS;
  if (prefixes) return { on: STREAM_NAME, prefixes };
  if (!categories) return NO_SYSTEM_EVENTS;
  return { on: STREAM_NAME, regex: `^(?:${categories.map(quoted).join('|')})(?:-|$)` };
}

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/#-]/g, '\\$&');

/** The server's part of a filter, for a subscription that wants to know how far was looked. */
export function subscriptionFilter(
  filter: EventFilter | undefined,
  checkpointReached: NonNullable<Filter['checkpointReached']>,
): Filter {
  const { on, ...rest } = expressionOf(filter ?? {});
  const make = on === EVENT_TYPE ? eventTypeFilter : streamNameFilter;
  return 'regex' in rest
    ? make({ regex: rest.regex, checkpointReached })
    : make({ prefixes: [...rest.prefixes], checkpointReached });
}

/** Whether an event is wanted, whatever the server let through. */
export function passes({ type, stream }: KurrentRecord, filter: EventFilter | undefined): boolean {
  const { types, categories, prefixes } = filter ?? {};
  if (types && !types.includes(type)) return false;
  if (categories && !categories.includes(categoryOf(stream))) return false;
  return !prefixes || prefixes.some((prefix) => stream.startsWith(prefix));
}
