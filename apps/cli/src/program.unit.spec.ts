import { ran } from './testing/ran';

/** Nobody listens on the discard port. */
const nobody = { GUANXI_URL: 'http://127.0.0.1:9', GUANXI_DATA_DIR: '/nowhere' };

it.each([
  [['bord'], /unknown command 'bord'/],
  [['board', '--nonsense'], /unknown option '--nonsense'/],
  [['waterfall'], /required option '--from/],
  [['deal'], /missing required argument 'id'/],
  [['import', 'customers', '--map', 'm.yaml'], /missing required argument/],
  [['import', 'customers', 'a.csv'], /required option '--map/],
  [['import', 'pigeons', 'a.csv', '--map', 'm.yaml'], /pigeons is no kind of record/],
  [['simulate', '--years', '0'], /whole number from 1 to 20/],
  [['simulate', '--until', '2999-01-01'], /must not lie in the future/],
  [['simulate', '--until', 'soon'], /must be an RFC 3339/],
  [['send', 'OpenDeal', 'value'], /is no name=value/],
  [['send', 'OpenDeal', '--data', '{'], /--data is no JSON/],
  [['send', 'OpenDeal', '--data', '{}', '--file', 'x'], /exclude each other/],
  [['send', 'OpenDeal', '--file', '/nowhere/x.json'], /can't be read/],
  [['board', '--csv', '--json'], /exclude each other/],
])('%j is wrong use: exit code 2, the reason and help on stderr', async (argv, reason) => {
  const { code, out, err } = await ran(argv, nobody);
  expect(code).toBe(2);
  expect(err).toMatch(reason);
  expect(err).toMatch(/Usage: guanxi/);
  expect(out === '' || argv.includes('--json')).toBe(true);
});

it('helps with the command that was wrong, also where what it was given is named like another', async () => {
  const { code, err } = await ran(['projections', 'rebuild', 'deals', '--pause', '--cancel'], nobody);
  expect(code).toBe(2);
  expect(err).toMatch(/exclude each other\n\nUsage: guanxi projections rebuild/);
});

it('shows help without a command, as wrong use, and on demand on stdout', async () => {
  expect(await ran([], nobody)).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('Usage: guanxi'),
  });
  const help = await ran(['--help'], nobody);
  expect(help).toMatchObject({ code: 0, err: '', out: expect.stringContaining('GUANXI_URL') });
  expect(await ran(['send', '--help'], nobody)).toMatchObject({
    code: 0,
    out: expect.stringContaining('--occurred-at'),
  });
});

it('tells its version', async () => {
  expect((await ran(['--version'], nobody)).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it('says how to start a server where there is none', async () => {
  const { code, err } = await ran(['board'], nobody);
  expect(code).toBe(1);
  expect(err).toMatch(/no server answers at http:\/\/127\.0\.0\.1:9 .*npm start/);
});

it('tells machines what went wrong, as the last line of stdout', async () => {
  const { code, json } = await ran(['board', '--json'], nobody);
  expect(code).toBe(1);
  expect(json).toEqual({
    error: { code: 'server.unreachable', message: expect.stringContaining('npm start') },
  });
  expect((await ran(['bord', '--json'], nobody)).json).toEqual({
    error: { code: 'wrong-use', message: expect.stringContaining("unknown command 'bord'") },
  });
});

it('refuses an address that is none', async () => {
  const { code, err } = await ran(['board'], { GUANXI_URL: 'localhost:3000' });
  expect(code).toBe(1);
  expect(err).toMatch(/GUANXI_URL must be an http/);
});

it('migrates only where DATABASE_URL says', async () => {
  expect(await ran(['migrate'], nobody)).toMatchObject({
    code: 1,
    err: expect.stringContaining('DATABASE_URL'),
  });
});

it('says of each thing that it looked at whether it is in order', async () => {
  const { code, out } = await ran(['doctor'], nobody);
  expect(code).toBe(1);
  expect(out).toMatch(/^ok {6}Node: v\d+/m);
  expect(out).toMatch(/^not ok {2}server: no server answers/m);
});
