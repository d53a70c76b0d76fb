import type { EventRegistry } from '@guanxi/event-store';

/** The types under which events of some types may be stored: themselves, and older versions of them. */
export function storedTypes(registry: EventRegistry, types: readonly string[]): readonly string[] {
  const wanted = new Set(types);
  const known = new Set([...registry.types, ...types]);
  return [...known].filter((type) => wanted.has(newestType(registry, type)));
}

function newestType(registry: EventRegistry, type: string): string {
  const next = registry.contract(type)?.upcast?.to;
  return next === undefined ? type : newestType(registry, next);
}
