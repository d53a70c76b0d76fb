import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

interface NestProjects {
  readonly projects: Readonly<Record<string, { readonly type: string; readonly root: string }>>;
}

const foldersIn = (parent: string): string[] =>
  readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${parent}/${name}`);

describe('the layout', () => {
  it('is known to nest-cli.json, folder by folder', () => {
    const { projects } = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8')) as NestProjects;
    const listed = Object.values(projects).map((project) => project.root);
    expect(listed.sort()).toEqual([...foldersIn('apps'), ...foldersIn('libs')].sort());
  });

  it.each(foldersIn('libs'))('gives %s one door, src/index.ts', (library) => {
    expect(existsSync(join(root, library, 'src/index.ts'))).toBe(true);
  });

  it.each(foldersIn('apps'))('gives %s one start, src/main.ts', (app) => {
    expect(existsSync(join(root, app, 'src/main.ts'))).toBe(true);
  });

  it('names the cost of every test in its suffix', () => {
    const specs = ['apps', 'libs', 'test', 'infra']
      .filter((folder) => existsSync(join(root, folder)))
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
          (file) => `${folder}/${file}`,
        ),
      )
      .filter(
        (file) =>
          /[.](?:spec|test)[.][cm]?[jt]sx?$/.test(file) &&
          !file.startsWith('test/architecture/seeded/') &&
          !file.includes('/node_modules/'),
      );
    expect(specs.length).toBeGreaterThan(0);
    expect(specs.filter((file) => !/[.](?:unit|contract|int|e2e|kafka)[.]spec[.]ts$/.test(file))).toEqual([]);
  });
});
