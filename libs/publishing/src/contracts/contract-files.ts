import { asyncApiOf } from './asyncapi';
import type { Publication } from './contract';
import { contractsPage } from './page';
import type { Published } from './published';
import { publishedOf } from './published';

/** The file that keeps what has been published. */
export const PUBLISHED_FILE = 'published.json';

/**
 * Everything that is generated of the contracts: file names, with `/`, and their texts.
 * @param before what has been published until now
 * @throws Error for a contract without an example
 */
export function contractFiles(
  publications: readonly Publication[],
  before: Published,
): ReadonlyMap<string, string> {
  const published = publishedOf(publications, before);
  return new Map([
    ...published.contracts.map(
      ({ contract, schema }) => [`schemas/${contract}.json`, jsonText(schema)] as const,
    ),
    ['asyncapi.yaml', asyncApiOf(publications)] as const,
    ['index.html', contractsPage(publications)] as const,
    [PUBLISHED_FILE, jsonText(published)] as const,
  ]);
}

const jsonText = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
