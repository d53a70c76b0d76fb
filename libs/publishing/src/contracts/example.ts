import type { RecordedEvent } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import type { Publication, PublicEvent } from './contract';
import { contractName } from './contract';
import type { PublicMessage } from './public-message';
import { publicMessage } from './public-message';

const ID = '0192f0c1-7a52-7000-8000-000000000001';
const MOMENT = parseInstant('2026-03-02T08:00:00Z');

/**
 * A message as readers would get it, made from the stored sample of its event.
 * @throws Error when there is no sample, or nothing is told of it
 */
export function exampleOf({ topic, samples = {} }: Publication, contract: PublicEvent): PublicMessage {
  const data = samples[contract.from];
  if (data === undefined)
    throw new Error(
      `${contractName(contract)} has no example: add a sample of ${contract.from} to the samples of its publication`,
    );
  const event: RecordedEvent = {
    ...{ id: ID, type: contract.from, stream: `${contract.category}-${ID}`, revision: 0, position: 1024n },
    ...{ occurredAt: MOMENT, recordedAt: parseInstant('2026-03-02T08:00:01.250Z'), data },
    metadata: {
      ...{
        commandId: ID,
        command: 'Example',
        commandHash: '',
        actor: '',
        tenant: 'default',
        policyVersion: 0,
      },
      ...{ correlationId: '0192f0c1-7a52-7000-8000-000000000002' },
      causationId: '0192f0c1-7a52-7000-8000-000000000003',
    },
  };
  const told = contract.map(event);
  if (told === undefined)
    throw new Error(
      `${contractName(contract)} has no example: nothing is told of the sample of ${contract.from}; let it have a field that is`,
    );
  return publicMessage(topic.name, contract, event, told, '/guanxi/default');
}
