import { headersOf } from '../contracts/public-message';
import { countedFrom } from '../testing/counted';
import { cloudEventOf } from './cloud-event-codec';
import { NotACloudEvent } from './errors';

const place = { topic: 'guanxi.things', partition: 2, offset: '41' };
const [message] = countedFrom(9, 1);
if (!message) throw new Error('no message was made');
const { event } = message;

const raw = (
  headers: Record<string, Buffer | string | Buffer[]> = {},
  value: Buffer | null | undefined = undefined,
) => ({
  headers: {
    ...Object.fromEntries(Object.entries(headersOf(event)).map(([name, text]) => [name, Buffer.from(text)])),
    ...headers,
  },
  value: value === undefined ? Buffer.from(JSON.stringify(event.data)) : value,
});

it('reads what the publisher has written', () => {
  expect(cloudEventOf(raw(), place)).toEqual(event);
});

it('reads a cause where there is one, and bears headers that it does not know', () => {
  const more = raw({
    ce_causationid: Buffer.from('why'),
    ce_later: Buffer.from('x'),
    other: Buffer.from('y'),
  });
  expect(cloudEventOf(more, place)).toEqual({ ...event, causationid: 'why' });
});

it.each([
  ['another version', raw({ ce_specversion: '0.3' }), 'header ce_specversion must be 1.0'],
  ['another content', raw({ 'content-type': 'text/plain' }), 'header content-type must be application/json'],
  ['no id', raw({ ce_id: '' }), 'header ce_id must be there'],
  [
    'a header twice',
    raw({ ce_type: [Buffer.from('a'), Buffer.from('b')] }),
    'header ce_type must stand there once',
  ],
  ['bytes', raw({ ce_source: Buffer.from([0xff]) }), 'header ce_source must be UTF-8 text'],
  ['no time', raw({ ce_time: 'soon' }), 'header ce_time must be an RFC 3339 time'],
  ['no position', raw({ ce_position: '-1' }), 'header ce_position must be a whole number'],
  ['a tombstone', raw({}, null), 'its value must be a JSON object'],
  ['a list', raw({}, Buffer.from('[1]')), 'its value must be a JSON object'],
  ['no JSON', raw({}, Buffer.from('Mr Secret')), 'its value must be a JSON object'],
])('refuses %s, naming place, header and rule, and nothing of what stands there', (_, message_, reason) => {
  const read = (): unknown => cloudEventOf(message_, place);
  expect(read).toThrow(NotACloudEvent);
  expect(read).toThrow(
    `The message at topic guanxi.things, partition 2, offset 41 is no CloudEvent as the contracts have it: ${reason}.`,
  );
});

it('refuses a message without headers', () => {
  expect(() => cloudEventOf({ value: Buffer.from('{}') }, place)).toThrow(
    'header ce_specversion must be there',
  );
});
