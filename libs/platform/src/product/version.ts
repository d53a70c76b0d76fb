import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The product's version, from the package.json above this file, wherever it was built to. */
export function productVersion(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const version = versionIn(join(folder, 'package.json'));
    if (version !== undefined) return version;
  }
  return '0.0.0';
}

function versionIn(file: string): string | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content !== 'object' || content === null) return undefined;
    const { name, version }: { readonly name?: unknown; readonly version?: unknown } = content;
    return name === 'guanxi' && typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
