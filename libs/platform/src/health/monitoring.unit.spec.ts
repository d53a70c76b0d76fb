import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { everythingMeasured } from '../testing/measured';

const root = join(__dirname, '../../../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const yaml = <T>(file: string): T => parse(read(file), { merge: true }) as T;

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly datasource: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}
interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const { groups } = yaml<{ groups: { name: string; rules: Alert[] }[] }>('infra/prometheus/guanxi.rules.yml');
const alerts = groups.flatMap(({ rules }) => rules);
const boards = readdirSync(join(root, 'infra/grafana/dashboards')).map(
  (file) => [file, JSON.parse(read(`infra/grafana/dashboards/${file}`)) as Dashboard] as const,
);
const panels = boards.flatMap(([file, { panels: all }]) =>
  all.map((panel) => [`${file}: ${panel.title}`, panel] as const),
);
const drawn = panels.filter(([, { type }]) => type !== 'row');

/** What Prometheus itself adds. */
const OWN_METRICS = ['up', 'ALERTS'];
const OWN_LABELS = ['job', 'instance'];
const WORDS = /^(?:by|le|and|or|unless|sum|max|min|count|rate|increase|delta|absent|topk|vector|on|without)$/;

interface Named {
  readonly metric: string;
  readonly matchers: readonly (readonly [label: string, operator: string, value: string])[];
}

/** The metrics of an expression, each with what it is filtered by. */
function metricsIn(expr: string): readonly Named[] {
  const bare = expr.replaceAll(/\b(?:by|on|without) \([^)]*\)/g, '');
  return [...bare.matchAll(/\b([A-Za-z_]\w*)(?:\{([^}]*)\})?(?!\w|\()/g)].flatMap(
    ([, metric = '', filter = '']) =>
      WORDS.test(metric) ||
      /^(?:histogram_quantile|__rate_interval)$/.test(metric) ||
      bare.includes(`"${metric}`)
        ? []
        : [{ metric, matchers: matchersIn(filter) }],
  );
}

const matchersIn = (filter: string): Named['matchers'] =>
  [...filter.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
    ([, label = '', operator = '', value = '']) => [label, operator, value] as const,
  );

/** Labels by which an expression groups. */
const groupedBy = (expr: string): readonly string[] =>
  [...expr.matchAll(/\b(?:by|on|without) \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  );

/** Labels, and their values, of each metric as it was exported. */
function exportedIn(text: string): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Map<string, Set<string>>>();
  for (const line of text.split('\n')) {
    const [, metric = '', labels = ''] = /^([a-z_]\w*)(?:\{(.*)\})? \S+$/i.exec(line) ?? [];
    if (metric === '') continue;
    const known = found.get(metric) ?? new Map<string, Set<string>>();
    found.set(metric, known);
    for (const [label, , value] of matchersIn(labels))
      known.set(label, (known.get(label) ?? new Set()).add(value));
  }
  return found;
}

const expressions = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...drawn.flatMap(([name, { targets }]) => targets.map(({ expr }) => [name, expr] as const)),
];

describe('what is watched', () => {
  let exported: ReturnType<typeof exportedIn>;

  beforeAll(async () => {
    const both = await Promise.all([true, false].map((countsEvents) => everythingMeasured({ countsEvents })));
    exported = exportedIn(both.join('\n'));
  });

  it.each(expressions)('%s: asks for what the product exports: %s', (_where, expr) => {
    const named = metricsIn(expr);
    expect(named.length).toBeGreaterThan(0);
    for (const { metric, matchers } of named) {
      if (OWN_METRICS.includes(metric)) continue;
      const labels = exported.get(metric);
      expect([metric, labels !== undefined]).toEqual([metric, true]);
      for (const [label, operator, value] of matchers) {
        if (OWN_LABELS.includes(label)) continue;
        expect([metric, label, labels?.has(label)]).toEqual([metric, label, true]);
        // Methods, routes and statuses are the callers'; what else there can be is known.
        if (operator !== '=' && operator !== '=~') continue;
        if (['method', 'route', 'status'].includes(label)) continue;
        const values = [...(labels?.get(label) ?? [])];
        for (const each of value.split('|')) expect(values).toContain(each);
      }
    }
    const all = named.map(({ metric }) => exported.get(metric));
    for (const label of groupedBy(expr).filter((each) => !OWN_LABELS.includes(each)))
      expect([label, all.some((labels) => labels?.has(label) ?? label === 'alertname')]).toEqual([
        label,
        true,
      ]);
  });

  it('finds metrics and labels that nobody exports', () => {
    expect(metricsIn('max by (model) (guanxi_gone{kind="a"}) > 0 and rate(guanxi_b_total[5m])')).toEqual([
      { metric: 'guanxi_gone', matchers: [['kind', '=', 'a']] },
      { metric: 'guanxi_b_total', matchers: [] },
    ]);
    expect(groupedBy('sum by (le, model) (x) unless on (webhook) y')).toEqual(['le', 'model', 'webhook']);
    expect(exported.has('guanxi_gone')).toBe(false);
    expect([...(exported.get('guanxi_relay_failures_total')?.keys() ?? [])]).toEqual(['kind']);
  });

  it('is all that the product exports of its own', () => {
    const base = (metric: string): string => metric.replace(/_(?:bucket|sum|count)$/, '');
    const shown = new Set(
      expressions.flatMap(([, expr]) => metricsIn(expr)).map(({ metric }) => base(metric)),
    );
    const own = [...exported.keys()].filter((metric) => metric.startsWith('guanxi_')).map(base);
    expect([...new Set(own)].filter((metric) => !shown.has(metric))).toEqual([]);
  });
});

describe('the alerts', () => {
  it('have names of their own, and all are in the guide', () => {
    const names = alerts.map(({ alert }) => alert);
    expect(names.length).toBeGreaterThan(15);
    expect(new Set(names).size).toBe(names.length);
    const guide = read('docs/guides/operating.md');
    expect(new Set(guide.match(/\bGuanxi[A-Z]\w+/g))).toEqual(new Set(names));
  });

  it.each(alerts.map((each) => [each.alert, each] as const))(
    '%s says what is wrong and what to do',
    (_name, each) => {
      expect(each.alert).toMatch(/^Guanxi[A-Z]\w+$/);
      expect(each.for ?? '0m').toMatch(/^\d+[smh]$/);
      expect(['page', 'ticket']).toContain(each.labels['severity']);
      expect(Object.keys(each.annotations).sort()).toEqual(['description', 'remedy', 'summary']);
      for (const text of Object.values(each.annotations)) expect(text.length).toBeGreaterThan(10);
      // A label in a text is one that the expression leaves.
      const used = Object.values(each.annotations).flatMap((text) => [...text.matchAll(/\$labels\.(\w+)/g)]);
      const left = [...groupedBy(each.expr), ...(/\bby \(/.test(each.expr) ? [] : OWN_LABELS)];
      for (const [, label = ''] of used) expect(left).toContain(label);
    },
  );
});

describe('the dashboards', () => {
  it('have addresses of their own', () => {
    expect(boards.length).toBe(4);
    expect(new Set(boards.map(([, { uid }]) => uid)).size).toBe(boards.length);
    expect(boards.map(([, { title }]) => title).every((title) => title.startsWith('Guanxi: '))).toBe(true);
  });

  it.each(boards)('%s has room for its panels', (_file, { panels: all }) => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const taken = new Set<string>();
    for (const { title, gridPos } of all) {
      expect(title).not.toBe('');
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect([title, taken.has(`${x} ${y}`)]).toEqual([title, false]);
          taken.add(`${x} ${y}`);
        }
    }
  });

  it.each(drawn)('%s has a unit, a description and the source that is set up', (_name, panel) => {
    expect(panel.fieldConfig.defaults.unit).toMatch(/^(?:none|s|ops|reqps|bytes|Bps|percentunit)$/);
    expect(panel.description).toMatch(/\.$/);
    const source = yaml<{ datasources: { uid: string; url: string }[] }>(
      'infra/grafana/provisioning/datasources/prometheus.yml',
    );
    expect(source.datasources.map(({ uid }) => uid)).toEqual([panel.datasource.uid]);
    expect(new Set(panel.targets.map(({ refId }) => refId)).size).toBe(panel.targets.length);
  });
});

describe('docker compose with the profile monitoring', () => {
  interface Service {
    readonly image: string;
    readonly profiles?: readonly string[];
    readonly ports: readonly string[];
    readonly volumes: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
  }
  const { services, secrets } = yaml<{
    services: Record<string, Service>;
    secrets: Record<string, { environment: string }>;
  }>('docker-compose.yml');

  it.each(['prometheus', 'grafana'])('runs %s in a version, for this machine alone', (name) => {
    expect(services[name]?.profiles).toEqual(['monitoring']);
    expect(services[name]?.image).toMatch(/:v?\d+\.\d+\.\d+$/);
    expect(services[name]?.ports.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
  });

  it('measures services that are there, by the key that is handed in', () => {
    const { scrape_configs: jobs, rule_files: rules } = yaml<{
      rule_files: string[];
      scrape_configs: {
        job_name: string;
        authorization: { credentials_file: string };
        dns_sd_configs: { names: string[]; port: number }[];
      }[];
    }>('infra/prometheus/prometheus.yml');
    expect(rules).toEqual(['guanxi.rules.yml']);
    expect(jobs.map(({ job_name: job }) => job)).toEqual(['guanxi-api', 'guanxi-worker']);
    for (const { job_name: job, authorization, dns_sd_configs: places } of jobs) {
      for (const { names, port } of places) {
        expect(names.map((name) => `guanxi-${name}`)).toEqual([job]);
        for (const name of names) expect(services[name]?.environment['GUANXI_PORT']).toBe(String(port));
      }
      const [, secret = ''] = /^\/run\/secrets\/(.+)$/.exec(authorization.credentials_file) ?? [];
      expect(secrets[secret]).toEqual({ environment: 'GUANXI_METRICS_KEY' });
    }
  });

  it('shows the dashboards where Grafana looks for them', () => {
    const { providers } = yaml<{ providers: { options: { path: string } }[] }>(
      'infra/grafana/provisioning/dashboards/guanxi.yml',
    );
    for (const { options } of providers)
      expect(services['grafana']?.volumes).toContain(`./infra/grafana/dashboards:${options.path}:ro`);
  });
});
