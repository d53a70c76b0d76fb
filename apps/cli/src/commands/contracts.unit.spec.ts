import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ran } from '../testing/ran';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guanxi-contracts-'));
});
afterEach(() => rm(folder, { recursive: true }));

const contracts = (...args: readonly string[]) => ran(['contracts', ...args], {});

it('writes contracts, finds them in order, and says what is out of date', async () => {
  const missing = await contracts('check', folder);
  expect(missing.code).toBe(1);
  expect(missing.out).toContain(`${folder}/published.json is missing.`);
  expect(missing.out).toContain('Write them with: npm run contracts, and commit them.');

  const written = await contracts('write', folder);
  expect(written).toMatchObject({ code: 0, out: expect.stringContaining(`${folder}/asyncapi.yaml is new.`) });
  expect(await contracts('write', folder)).toMatchObject({
    code: 0,
    out: `${folder} is as the code has it.\n`,
  });
  expect(await contracts('check', folder)).toMatchObject({
    code: 0,
    out: `No published contract is broken, and ${folder} is as the code has it.\n`,
  });
  await writeFile(join(folder, 'index.html'), '');
  expect(await contracts('check', folder)).toMatchObject({
    code: 1,
    out: `${folder}/index.html is out of date.\nWrite them with: npm run contracts, and commit them.\n`,
  });
});

it('refuses what breaks a published contract, in both commands, and for machines', async () => {
  await contracts('write', folder);
  const file = join(folder, 'published.json');
  // As if more had been published than the code has now.
  const published = (await readFile(file, 'utf8'))
    .replace('"key": "deal-{id}"', '"key": "customer-{id}"')
    .replace(/"first-payment",/, '"first-payment", "handshake",');
  await writeFile(file, published);
  const said = await contracts('write', folder);
  expect(said.code).toBe(1);
  expect(said.out).toMatch(
    /^Published contracts are broken:\n- deal-advanced[.]v1: its key was customer-{id}/,
  );
  expect(said.out).toContain('deal-won.v1: field evidence lost "handshake" (enum-narrowed).');
  expect(said.out).toContain('Nothing was written.');
  expect(await readFile(file, 'utf8')).toBe(published);
  const checked = await contracts('check', folder, '--json');
  expect(checked).toMatchObject({
    code: 1,
    json: {
      breaches: [
        { rule: 'key-changed', of: 'deal-advanced.v1' },
        { rule: 'enum-narrowed', of: 'deal-won.v1', field: 'evidence' },
      ],
    },
  });
});

it('says where a damaged published.json comes from', async () => {
  await writeFile(join(folder, 'published.json'), 'x');
  const { code, err } = await contracts('check', folder);
  expect(code).toBe(1);
  expect(err).toMatch(/published.json can't be read: .* bring it back from version control/);
});
