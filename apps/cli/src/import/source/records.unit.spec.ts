import { gzipSync } from 'node:zlib';
import { encode } from 'iconv-lite';
import { Scratch } from '../testing/scratch';
import type { SourceFormat } from './format';
import { inspect, readRecords } from './records';

const csv: SourceFormat = { format: 'csv', encoding: 'utf-8', separator: ',', quote: '"', header: true };
let scratch: Scratch;
beforeEach(() => (scratch = new Scratch()));
afterEach(() => {
  scratch.remove();
});

async function read(content: Buffer, format = csv): Promise<(readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  for await (const batch of readRecords(scratch.write('table.csv', content), format, () => undefined)) {
    rows.push(...batch.map(({ fields }) => fields));
  }
  return rows;
}

const inspecting = async (content: Buffer, format = csv): ReturnType<typeof inspect> =>
  inspect(scratch.write('table.csv', content), format);

it('drops a byte order mark and trims the header', async () => {
  const found = await inspecting(Buffer.from('\uFEFFname , city\nLi,\u5317\u4EAC\n'));
  expect(found).toMatchObject({ columns: ['name', 'city'] });
});

it('decodes characters that are cut by the end of a chunk', async () => {
  const name = '\u5F20\u{1F600}\u00E9'.repeat(50_000);
  expect(await read(Buffer.from(`name,x\n${name},1\n`))).toEqual([[name, '1']]);
});

it.each(['utf-16le', 'windows-1252', 'shift_jis', 'gb18030'])('reads %s', async (encoding) => {
  const name = encoding === 'windows-1252' ? 'M\u00FCller' : '\u5317\u4EAC';
  const content = encode(`name,x\n${name},1\n`, encoding, { addBOM: encoding === 'utf-16le' });
  expect(await read(content, { ...csv, encoding })).toEqual([[name, '1']]);
});

it('knows gzip by its first bytes, whatever the name', async () => {
  expect(await read(gzipSync('a,b\n1,2\n'))).toEqual([['1', '2']]);
});

it('refuses gzip that is cut short', async () => {
  const whole = gzipSync('a,b\n'.repeat(100_000));
  await expect(inspecting(whole.subarray(0, whole.length - 20))).rejects.toMatchObject({
    code: 'file.unreadable',
  });
});

it('names the line with bytes that the encoding does not have', async () => {
  const content = Buffer.concat([Buffer.from('a,b\n"x\ny",1\n'), Buffer.from('M\xFCller,2\n', 'latin1')]);
  await expect(inspecting(content)).rejects.toMatchObject({
    code: 'file.encoding',
    message: expect.stringContaining('table.csv, line 4: not valid utf-8'),
  });
});

it('refuses a byte that windows-1252 does not have', async () => {
  const content = Buffer.concat([Buffer.from('a,b\n1,2\n3,'), Buffer.from([0x81]), Buffer.from('\n')]);
  await expect(inspecting(content, { ...csv, encoding: 'windows-1252' })).rejects.toMatchObject({
    code: 'file.encoding',
    message: expect.stringContaining('line 3'),
  });
});

it.each(['', '\n\n', '\uFEFF'])('refuses a file without anything in it (%j)', async (text) => {
  await expect(inspecting(Buffer.from(text))).rejects.toMatchObject({ code: 'file.empty' });
});

it('refuses a file that is not there', async () => {
  await expect(inspect(`${scratch.path}/none.csv`, csv)).rejects.toMatchObject({ code: 'file.unreadable' });
});
