import { isObject } from './json-schema';
import type { Published, PublishedContract, PublishedTopic } from './published';

/**
 * Reads `published.json`.
 * @throws Error that names the place where it is not what `npm run contracts` writes
 */
export function parsePublished(text: string, file: string): Published {
  const wrong = (what: string): never => {
    throw new Error(
      `${file} can't be read: ${what}. It keeps what readers were promised: bring it back from version control.`,
    );
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return wrong(error instanceof Error ? error.message : 'it is no JSON');
  }
  if (!isObject(value)) return wrong('it must be an object');
  const { topics, contracts, withdrawn } = value;
  if (!Array.isArray(topics) || !topics.every(isTopic)) return wrong('topics must list names and partitions');
  if (!Array.isArray(contracts)) return wrong('contracts must be a list');
  contracts.forEach((each: unknown, index) => {
    if (!isContract(each)) wrong(`contracts[${index}] must have contract, topic, key and schema`);
  });
  if (!Array.isArray(withdrawn) || !withdrawn.every((name) => typeof name === 'string'))
    return wrong('withdrawn must be a list of names');
  return { topics, contracts: contracts as PublishedContract[], withdrawn };
}

const isTopic = (value: unknown): value is PublishedTopic =>
  isObject(value) && typeof value['name'] === 'string' && Number.isInteger(value['partitions']);

function isContract(value: unknown): value is PublishedContract {
  if (!isObject(value) || !isObject(value['schema'])) return false;
  const { contract, topic, key, deprecated } = value;
  if ([contract, topic, key].some((each) => typeof each !== 'string')) return false;
  return (
    deprecated === undefined ||
    (isObject(deprecated) &&
      typeof deprecated['inFavourOf'] === 'string' &&
      typeof deprecated['until'] === 'string')
  );
}
