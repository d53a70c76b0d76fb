import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Compose {
  readonly services: Readonly<Record<string, { readonly environment: Readonly<Record<string, string>> }>>;
}

describe('docker compose, whose containers share no data directory', () => {
  const text = readFileSync(join(__dirname, '../../docker-compose.yml'), 'utf8');
  const { services } = parse(text, { merge: true }) as Compose;

  it.each(['DATABASE_URL', 'GUANXI_SECRETS_KEY'])(
    'hands api and worker the same %s, and stops where there is none',
    (name) => {
      const [api, worker] = ['api', 'worker'].map((service) => services[service]?.environment[name]);
      expect(api).toMatch(/\$\{[A-Z_]+:\?/);
      expect(worker).toBe(api);
    },
  );
});
