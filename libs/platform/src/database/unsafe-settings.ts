/** What is at stake where a setting of the server is off. */
export const UNSAFE_SETTINGS = {
  fsync: 'a crash of the machine can destroy the whole database',
  full_page_writes: 'a crash of the machine can leave half-written pages, which nothing repairs',
  synchronous_commit: 'events that were acknowledged can be lost in a crash',
} as const;

/** A setting whose loss of safety can be accepted by name. */
export type UnsafeSetting = keyof typeof UNSAFE_SETTINGS;

/** @returns undefined for what names something else */
export function parseUnsafeSettings(text: string): readonly UnsafeSetting[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  return names.every(isUnsafeSetting) ? [...new Set(names)] : undefined;
}

const isUnsafeSetting = (name: string): name is UnsafeSetting => Object.hasOwn(UNSAFE_SETTINGS, name);
