import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, RunningProduct } from '../support/product';
import { runningProduct } from '../support/product';
import { describeRealData, importReal, reference } from '../support/real-data';

const file = 'cfpb-complaints/cfpb_2014-10-10_2014-11-13.csv';
const period = 'from=2014-10-01T00:00:00Z&to=2014-12-01T00:00:00Z';

describeRealData('8,340 complaints about banks', () => {
  const expected = reference('cfpb-complaints')['2014'];
  let it_: RunningProduct;

  beforeAll(async () => {
    it_ = await runningProduct();
    const summary = await importReal(it_, 'complaints', file, 'cfpb-complaints');
    expect(summary).toMatchObject({
      read: expected.complaints,
      accepted: expected.complaints,
      rejected: 0,
      warnings: 1,
    });
  });
  afterAll(() => it_.stop());

  it('reports the short last record with its line', () => {
    const [line] = readFileSync(join(it_.dataDir, 'cfpb-complaints-errors.ndjson'), 'utf8')
      .trim()
      .split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({ line: expected.complaints + 1 });
  });

  it('has the timeliness of the reference', async () => {
    const { total } = await it_.get(`/v1/complaints/figures?${period}`);
    expect(total).toMatchObject({
      filed: expected.complaints,
      answered: expected.complaints,
      answeredInTime: expected.timely.Yes,
    });
    expect(total.timeliness * 100).toBeCloseTo(expected.timely_pct, 3);
    const open = expected.response['In progress'] + expected.response['Untimely response'];
    expect(total.resolved).toBe(expected.complaints - open);
  });

  it.each([
    ['product', 'by_product'],
    ['attributes.company', 'by_company_top5'],
  ])('splits by %s as the reference does', async (by, name) => {
    const { groups } = await it_.get(`/v1/complaints/figures?${period}&by=${by}`);
    const found = Object.fromEntries(
      groups.map((g: Json) => [g.key, { complaints: g.filed, untimely: g.filed - g.answeredInTime }]),
    );
    for (const [key, { complaints, untimely }] of Object.entries<Json>(expected[name])) {
      expect([key, found[key]]).toEqual([key, { complaints, untimely }]);
    }
  });

  it('had 584 received and not yet sent on by the end of 31 October', async () => {
    const end = '2014-11-01T03:59:59Z';
    const { total } = await it_.get(`/v1/complaints/figures?${period}&asOf=${end}`);
    expect(total.filed - total.answered).toBe(
      expected['open_as_of_2014-10-31 (received by then, not yet sent)'],
    );
  });
});
