import type { EventRegistry } from '@guanxi/event-store';

/** The types under which events of some newest types may be stored: themselves, and older versions of them. */
export function storedTypesOf(registry: EventRegistry, types: readonly string[]): readonly string[] {
  const wanted = new Set(types);
  return [...new Set([...registry.types, ...types])].filter((type) => wanted.has(newestOf(registry, type)));
}

function newestOf(registry: EventRegistry, type: string): string {
  const next = registry.contract(type)?.upcast?.to;
  return next === undefined ? type : newestOf(registry, next);
}
