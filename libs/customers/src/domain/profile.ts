import type { Profile, ProfileChanges } from './customer-events';

/** The object without fields that are undefined: an event says nothing about what was not said. */
export const compact = <T extends object>(value: T): T => keep(value, (held) => held !== undefined);

/** The profile after changes: null empties a field, absent fields stay. */
export function changed(profile: Profile, changes: ProfileChanges): Profile {
  return compact({
    kind: changes.kind ?? profile.kind,
    name: next(profile.name, changes.name),
    party: next(profile.party, changes.party),
    industry: next(profile.industry, changes.industry),
    region: next(profile.region, changes.region),
    sizeBand: next(profile.sizeBand, changes.sizeBand),
    productInterests: next(profile.productInterests, changes.productInterests),
    language: next(profile.language, changes.language),
    contactChannel: next(profile.contactChannel, changes.contactChannel),
    externalRef: next(profile.externalRef, changes.externalRef),
    acquisition: next(profile.acquisition, changes.acquisition),
    dataSource: next(profile.dataSource, changes.dataSource),
    yearlyRevenue: next(profile.yearlyRevenue, changes.yearlyRevenue),
    attributes: next(profile.attributes, changes.attributes),
  });
}

/** Only those changes that would change the profile. */
export function effective(profile: Profile, changes: ProfileChanges): ProfileChanges {
  const before: Readonly<Record<string, unknown>> = profile;
  return keep(changes, (value, field) => value !== undefined && !sameValue(before[field] ?? null, value));
}

/** Equal as JSON values, whatever the order of fields. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return (
    left.length === right.size &&
    left.every(([field, value]) => right.has(field) && sameValue(value, right.get(field)))
  );
}

const next = <T>(held: T | undefined, change: T | null | undefined): T | undefined =>
  change === undefined ? held : (change ?? undefined);

/** A copy with some of the fields. From an object out of which fields are deleted everything else takes longer. */
function keep<T extends object>(value: T, holds: (held: unknown, field: string) => boolean): T {
  const copy: Partial<T> = {};
  for (const field in value) if (holds(value[field], field)) copy[field] = value[field];
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- only fields that may be absent are left out
  return copy as T;
}
