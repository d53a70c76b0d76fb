import { stringify } from 'yaml';
import type { Publication, PublicEvent } from './contract';
import { contractName, keyOf } from './contract';
import { exampleOf } from './example';
import { dataSchemaOf } from './json-schema';
import { headersOf, schemaUri, typeOf } from './public-message';

const DAY_MS = 86_400_000;

const ABOUT = `Facts of the business, told to whoever may hear them. Every message is a CloudEvent 1.0 in binary mode: its
attributes are headers (\`ce_...\`), its value is the data as JSON.

Read with isolation level \`read_committed\`: then each event comes once, and those of one key in their order. The key is
the stream that an event belongs to and is repeated in \`ce_subject\`; \`guanxi-position\` is the event's place in the one
order of all events.

A contract never changes in a way that breaks its readers: optional fields may be added, so bear fields that you do not
know. Whatever else changes comes as a new version, published beside the old one for a time.

An optional field that is absent was not recorded, or did not change where the event tells of a change; its description
says where it is otherwise.`;

/** AsyncAPI 3.0 of all topics, as YAML. @throws Error for a contract without an example */
export function asyncApiOf(publications: readonly Publication[]): string {
  const all = publications.flatMap((publication) =>
    publication.events.map((contract) => ({ publication, contract })),
  );
  const document = {
    asyncapi: '3.0.0',
    info: {
      ...{ title: 'Public events of Guanxi', version: '1.0.0', description: ABOUT },
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      kafka: {
        ...{ host: '{brokers}', protocol: 'kafka' },
        description: 'The brokers that the installation names in KAFKA_BROKERS.',
        variables: { brokers: { default: 'localhost:9092', description: 'host:port of one of the brokers' } },
      },
    },
    channels: byName(publications.map((publication) => [nameIn(publication), channelOf(publication)])),
    operations: byName(
      publications.map((publication) => [`tell-${nameIn(publication)}`, operationOf(publication)]),
    ),
    components: {
      messages: byName(
        all.map(({ publication, contract }) => [contractName(contract), messageOf(publication, contract)]),
      ),
      schemas: {
        cloudEventHeaders: HEADERS,
        ...byName(all.map(({ contract }) => [contractName(contract), payloadOf(contract)])),
      },
    },
  };
  // Readers of YAML 1.1, which is most of them, must not take a moment or `yes` for something else than text.
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false, schema: 'yaml-1.1' });
}

/** `deals` of `guanxi.deals`: names in the document have no dots. */
const nameIn = ({ topic }: Publication): string => topic.name.replace(/^guanxi[.]/, '').replaceAll('.', '-');

function channelOf({ topic, events }: Publication): object {
  const { name, title, description, partitions, retentionDays, personal } = topic;
  return {
    ...{ address: name, title, description },
    ...(personal && { tags: [{ name: 'personal', description: 'Tells who people are.' }] }),
    servers: [{ $ref: '#/servers/kafka' }],
    messages: byName(
      events.map((event) => [contractName(event), { $ref: `#/components/messages/${contractName(event)}` }]),
    ),
    bindings: {
      kafka: {
        ...{ topic: name, partitions, bindingVersion: '0.5.0' },
        topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': retentionDays * DAY_MS },
      },
    },
  };
}

function operationOf(publication: Publication): object {
  const channel = `#/channels/${nameIn(publication)}`;
  return {
    action: 'send',
    channel: { $ref: channel },
    summary: `Guanxi sends them to ${publication.topic.name}; read them from there.`,
    messages: publication.events.map((event) => ({ $ref: `${channel}/messages/${contractName(event)}` })),
  };
}

function messageOf(publication: Publication, contract: PublicEvent): object {
  const { summary, deprecated } = contract;
  const { event } = exampleOf(publication, contract);
  const end =
    deprecated &&
    `Deprecated: published until ${deprecated.until}; read ${deprecated.inFavourOf} in its place.`;
  return {
    ...{ name: typeOf(contract), title: contractName(contract), summary },
    ...(end !== undefined && { description: end }),
    contentType: 'application/json',
    headers: {
      type: 'object',
      allOf: [{ $ref: '#/components/schemas/cloudEventHeaders' }],
      properties: { ce_type: { const: typeOf(contract) }, ce_dataschema: { const: schemaUri(contract) } },
    },
    payload: { $ref: `#/components/schemas/${contractName(contract)}` },
    bindings: {
      kafka: {
        key: {
          ...{ type: 'string', pattern: `^${contract.category}-` },
          description: `The stream: ${keyOf(contract)}.`,
        },
        bindingVersion: '0.5.0',
      },
    },
    examples: [{ name: contractName(contract), headers: headersOf(event), payload: event.data }],
  };
}

const payloadOf = (contract: PublicEvent): object => ({
  description: contract.summary,
  ...(contract.deprecated && { deprecated: true }),
  ...dataSchemaOf(contract),
});

const text = (description: string, rest: object = {}): object => ({ type: 'string', description, ...rest });

/** Every header is text, as Kafka carries it. */
const HEADERS = {
  type: 'object',
  required: [
    ...['content-type', 'ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_subject', 'ce_time'],
    ...[
      'ce_dataschema',
      'ce_recordedtime',
      'ce_position',
      'ce_revision',
      'ce_correlationid',
      'guanxi-position',
    ],
  ],
  properties: {
    'content-type': { const: 'application/json' },
    ce_specversion: { const: '1.0' },
    ce_id: text('Stays the same however often an event is sent: tell doubles by it.'),
    ce_source: text('The installation that tells.', { format: 'uri-reference' }),
    ce_type: text('The contract, with its version.'),
    ce_subject: text('The stream: what the event is about. The same as the key.'),
    ce_time: text('When it happened in the business.', { format: 'date-time' }),
    ce_dataschema: text("The name of the data's schema.", { format: 'uri' }),
    ce_recordedtime: text('When it was learned; a late or corrected fact happened long before.', {
      format: 'date-time',
    }),
    ce_position: text('Place in the one order of all events.', { pattern: '^\\d+$' }),
    ce_revision: text("The event's number in its stream, from 0; not every event is told.", {
      pattern: '^\\d+$',
    }),
    ce_correlationid: text('What all events that followed from one request have in common.'),
    ce_causationid: text('The event or command that this one followed from, if it was known.'),
    'guanxi-position': text('The same as ce_position.', { pattern: '^\\d+$' }),
  },
};

/** In the order of names, so that the file does not depend on that of the code. */
const byName = (entries: readonly (readonly [string, object])[]): Readonly<Record<string, object>> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
