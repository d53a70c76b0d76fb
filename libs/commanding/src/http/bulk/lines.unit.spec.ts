import fc from 'fast-check';
import { MOST_LINE_BYTES, isBlank, linesOf } from './lines';

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts].map((one) => one % (bytes.length + 1)).sort((a, b) => a - b)) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
  yield bytes.subarray(from);
}

async function textsOf(chunks: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: string[] = [];
  for await (const lines of linesOf(chunks)) {
    for (const line of lines) texts.push(line === 'too-long' ? line : Buffer.from(line).toString());
  }
  return texts;
}

describe('lines of a stream', () => {
  it('are the same wherever the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string()), fc.array(fc.nat()), async (texts, cuts) => {
        const whole = texts.map((text) => text.replaceAll('\n', ' ')).join('\n');
        const expected = whole === '' ? [] : whole.replace(/\n$/, '').split('\n');
        expect(await textsOf(pieces(Buffer.from(whole), cuts))).toEqual(whole === '\n' ? [''] : expected);
      }),
    );
  });

  it('are told apart from those over the limit, which do not disturb their neighbours', async () => {
    const longest = 'x'.repeat(MOST_LINE_BYTES);
    const bytes = Buffer.from(`a\n${longest}\n${longest}y\nb\n${longest}yz`);
    const texts = await textsOf(
      pieces(
        bytes,
        Array.from({ length: 40 }, (_, n) => n * 77_777),
      ),
    );
    expect(texts.map((text) => (text === longest ? 'longest' : text))).toEqual([
      'a',
      'longest',
      'too-long',
      'b',
      'too-long',
    ]);
  });

  it('are blank when there is white space alone', () => {
    expect(isBlank(Buffer.from(' \t\r'))).toBe(true);
    expect(isBlank(Buffer.from(' x'))).toBe(false);
  });
});
