import fc from 'fast-check';
import { isPublicAddress, literalAddress } from './addresses';
import { refusalOf } from './caller';
import { DELIVERY_POLICY, waitAfter } from './policy';
import { Progress } from './progress';
import { signedHeaders } from './signature';
import { Slots } from './slots';

describe('the signature', () => {
  const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');

  it('is that of the example which the specification and its libraries share', () => {
    expect(
      signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}', [secret]),
    ).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('stands once for each secret, with spaces between', () => {
    const { 'webhook-signature': both } = signedHeaders('msg_1', 1, 'body', [Buffer.from('a'), secret]);
    const { 'webhook-signature': second } = signedHeaders('msg_1', 1, 'body', [secret]);
    expect(both).toMatch(/^v1,[^ ]{44} v1,[^ ]{44}$/);
    expect(both.split(' ')[1]).toBe(second);
  });

  it('counts bytes of UTF-8, not characters', () => {
    const { 'webhook-signature': plain } = signedHeaders('msg_1', 1, '{"a":"u"}', [secret]);
    const { 'webhook-signature': other } = signedHeaders('msg_1', 1, '{"a":"\u00fc"}', [secret]);
    expect(plain).not.toBe(other);
  });
});

describe('addresses', () => {
  it.each([
    ...[
      '8.8.8.8',
      '1.1.1.1',
      '100.63.255.255',
      '100.128.0.0',
      '172.15.255.255',
      '172.32.0.0',
      '192.167.255.255',
    ],
    ...['169.253.255.255', '223.255.255.255', '2606:4700:4700::1111', '2a00:1450:4001:80b::200e'],
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ...['0.0.0.0', '127.0.0.1', '127.255.255.254', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...[
      '169.254.169.254',
      '100.64.0.1',
      '100.127.255.255',
      '100.100.100.200',
      '168.63.129.16',
      '192.0.0.192',
    ],
    ...['198.18.0.1', '192.0.2.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1', 'fec0::1', '100::1'],
    // IPv4 in the dress of IPv6: mapped, compatible, NAT64, 6to4, Teredo, and a public one that is mapped.
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::a00:1'],
    ...[
      '2002:7f00:1::1',
      '2001:0:4136:e378:8000:63bf:3fff:fdd2',
      '::ffff:8.8.8.8',
      '0:0:0:0:0:ffff:a9fe:a9fe',
    ],
    ...['2001:db8::1', '3fff::1', '', 'localhost', '127.1', '0x7f.0.0.1', '2130706433', '017700000001'],
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it('whatever is mapped into IPv6 is not public', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), (bytes) => !isPublicAddress(`::ffff:${bytes.join('.')}`)),
    );
  });

  it.each([
    ['http://127.0.0.1/', '127.0.0.1'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://017700000001/', '127.0.0.1'],
    ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
    ['http://partner.example/', undefined],
  ])('the host of %s is the address %s', (url, address) => {
    expect(literalAddress(new URL(url).hostname)).toBe(address);
  });
});

describe('what may be called', () => {
  const strict = { allowPrivate: false, allowHttp: false };

  it.each(['https://partner.example/hook', 'https://8.8.8.8/', 'https://[2606:4700::1111]:8443/'])(
    '%s',
    (url) => {
      expect(refusalOf(url, strict)).toBeUndefined();
    },
  );

  it.each([
    ['http://partner.example/', /https.*GUANXI_WEBHOOK_ALLOW_HTTP/],
    ['https://127.0.0.1/', /127[.]0[.]0[.]1 is not.*GUANXI_WEBHOOK_ALLOW_PRIVATE/],
    ['https://0x7f.1/', /127[.]0[.]0[.]1 is not/],
    ['https://[::ffff:a9fe:a9fe]/latest/meta-data', /is not an address of the public internet/],
  ])('not %s', (url, words) => {
    expect(refusalOf(url, strict)).toMatch(words);
  });

  it('each rule may be lifted by itself', () => {
    expect(refusalOf('http://127.0.0.1/', { allowPrivate: true, allowHttp: true })).toBeUndefined();
    expect(refusalOf('http://127.0.0.1/', { allowPrivate: false, allowHttp: true })).toMatch(
      /public internet/,
    );
    expect(refusalOf('http://127.0.0.1/', { allowPrivate: true, allowHttp: false })).toMatch(/https/);
  });
});

describe('waits between tries', () => {
  const HOUR = 3_600_000;

  it('are those that Standard Webhooks suggests, and go beyond three days', () => {
    const waits = Array.from({ length: 10 }, (_, index) => waitAfter(DELIVERY_POLICY, index + 1, 0) / 1_000);
    expect(waits).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400]);
    const sum = waits.slice(0, 9).reduce((total, wait) => total + wait, 0);
    expect(sum * 1_000).toBeGreaterThan(DELIVERY_POLICY.giveUpAfter);
  });

  it('are longer by a random part, never shorter', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempts, random) => {
          const plain = waitAfter(DELIVERY_POLICY, attempts, 0);
          const wait = waitAfter(DELIVERY_POLICY, attempts, random);
          return wait >= plain && wait <= plain * 1.1 + 1;
        },
      ),
    );
  });

  it('heed what the receiver asks for, within a day, and never wait less for it', () => {
    expect(waitAfter(DELIVERY_POLICY, 1, 0, HOUR)).toBe(HOUR);
    expect(waitAfter(DELIVERY_POLICY, 4, 0, 1_000)).toBe(2 * HOUR);
    expect(waitAfter(DELIVERY_POLICY, 1, 0, 1_000 * HOUR)).toBe(24 * HOUR);
  });
});

describe('progress', () => {
  it('goes as far as everything is done with, whatever is done with first', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }),
        fc.infiniteStream(fc.nat()),
        (counts, picks) => {
          const progress = new Progress(0n);
          const open = counts.flatMap((count, index) => {
            const done = progress.add(BigInt(index + 1), count);
            return Array.from({ length: count }, () => ({ index, done }));
          });
          while (open.length > 0) {
            const least = Math.min(...open.map(({ index }) => index));
            if (progress.position !== BigInt(least)) return false;
            const [taken] = open.splice((picks.next().value ?? 0) % open.length, 1);
            taken?.done();
          }
          return progress.position === BigInt(counts.length) && progress.size === 0;
        },
      ),
    );
  });
});

it('slots let no more work than there are, and everybody in the end', async () => {
  const slots = new Slots(3);
  let atWork = 0;
  let most = 0;
  const work = async (): Promise<number> => {
    atWork += 1;
    most = Math.max(most, atWork);
    await new Promise(setImmediate);
    atWork -= 1;
    return 1;
  };
  const use = () => slots.use('one', new AbortController().signal, work);
  const done = await Promise.all(Array.from({ length: 20 }, use));
  expect([done, most]).toEqual([Array(20).fill(1), 3]);
});

describe('slots that are all taken', () => {
  const { signal } = new AbortController();
  /** Work of `slow` that ends when it is told to, all slots of it and more. */
  const taken = (count: number): { readonly slots: Slots; readonly ends: (() => void)[] } => {
    const slots = new Slots(2);
    const ends: (() => void)[] = [];
    const work = (): Promise<void> => new Promise((resolve) => void ends.push(resolve));
    for (let n = 0; n < count; n += 1) void slots.use('slow', signal, work);
    return { slots, ends };
  };

  it('go to who has none before they go to who has some and has waited longer', async () => {
    const { slots, ends } = taken(10);
    let isDone = false;
    void slots.use('other', signal, () => Promise.resolve((isDone = true)));
    await new Promise(setImmediate);
    ends[0]?.();
    await new Promise(setImmediate);
    expect([isDone, ends.length]).toEqual([true, 3]);
  });

  it('are not waited for by who is told to stop', async () => {
    const { slots, ends } = taken(3);
    const stop = new AbortController();
    const stopped = slots.use('other', stop.signal, () => Promise.resolve('at work'));
    stop.abort();
    expect(await stopped).toBeUndefined();
    expect(await slots.use('other', stop.signal, () => Promise.resolve('at work'))).toBeUndefined();
    for (const end of ends) end();
    await new Promise(setImmediate);
    expect(ends).toHaveLength(3);
  });
});
