import { build, isBuilt } from './build.mjs';
import { areInstalled, install } from './dependencies.mjs';
import { withLock } from './lock.mjs';

/** Installs the dependencies and builds, each only where it is missing or stale; one process at a time does so. */
export async function setUp() {
  if (areInstalled() && isBuilt()) return;
  await withLock(async () => {
    // Whoever held the lock before may have done it all.
    if (!areInstalled()) await install();
    if (!isBuilt()) await build();
  });
}
