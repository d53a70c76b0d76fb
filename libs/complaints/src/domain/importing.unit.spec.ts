import type { Instant } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import { given, metaAt } from '../../../../test/support/given';
import { complaintDecider } from './complaint';
import type { ComplaintEvent } from './events';
import type { ImportComplaintInput } from './importing';
import { importComplaint } from './importing';

const givenComplaint = given(complaintDecider);
const day = (number: number): Instant => parseInstant(`2026-01-0${number}T00:00:00Z`);
const meta = metaAt('2026-02-01T00:00:00Z');

const recorded: ImportComplaintInput = {
  channel: 'web',
  cause: 'unknown',
  filedAt: day(1),
  assumed: ['cause', 'severity'],
};
const filed: ComplaintEvent = {
  type: 'complaint-filed.v1',
  at: day(1),
  data: { channel: 'web', cause: 'unknown', severity: 3, assumed: ['cause', 'severity'] },
};
const importing = (more: Partial<ImportComplaintInput>) => importComplaint({ ...recorded, ...more }, meta);

describe('the import of a complaint', () => {
  it('takes over one that is open', () => {
    givenComplaint().when(importing({})).then(filed);
  });

  it('counts as now what the clock of the source puts a little ahead', () => {
    const ahead = parseInstant('2026-02-01T00:03:00Z');
    givenComplaint()
      .when(importing({ filedAt: ahead, acknowledgedAt: ahead }))
      .then({ ...filed, at: meta.now }, { type: 'complaint-acknowledged.v1', at: meta.now, data: {} });
  });

  it('takes over what is recorded without a word of assumption', () => {
    givenComplaint()
      .when(importing({ assumed: [], cause: 'not-solved', severity: 1, product: 'Mortgage' }))
      .then({
        type: 'complaint-filed.v1',
        at: day(1),
        data: { channel: 'web', cause: 'not-solved', severity: 1, product: 'Mortgage' },
      });
  });

  it('puts each event at its own moment and marks what is assumed', () => {
    givenComplaint()
      .when(
        importing({
          acknowledgedAt: day(2),
          answeredInTime: true,
          resolution: 'explanation',
          resolvedAt: day(3),
          assumed: ['cause', 'severity', 'resolvedAt', 'proposal', 'answer', 'followUp'],
        }),
      )
      .then(
        filed,
        { type: 'complaint-acknowledged.v1', at: day(2), data: { answeredInTime: true } },
        { type: 'complaint-solution-proposed.v1', at: day(3), data: { assumed: ['proposal'] } },
        {
          type: 'complaint-proposal-answered.v1',
          at: day(3),
          data: { accepted: true, assumed: ['answer'] },
        },
        { type: 'complaint-resolved.v1', at: day(3), data: { kind: 'explanation', assumed: ['resolvedAt'] } },
        { type: 'complaint-followed-up.v1', at: day(3), data: { reached: true, assumed: ['followUp'] } },
      );
  });

  it('assumes only what a step calls for', () => {
    givenComplaint()
      .when(importing({ assumed: ['cause', 'severity', 'resolvedAt', 'proposal', 'answer', 'followUp'] }))
      .then(filed);
  });

  it('takes a statement on time without a moment, if it assumes the moment', () => {
    givenComplaint()
      .when(importing({ answeredInTime: false, assumed: ['cause', 'severity', 'acknowledgedAt'] }))
      .then(filed, {
        type: 'complaint-acknowledged.v1',
        at: day(1),
        data: { answeredInTime: false, assumed: ['acknowledgedAt'] },
      });
    givenComplaint()
      .when(importing({ answeredInTime: false }))
      .thenRefusesField('acknowledgedAt', 'required');
  });

  it('takes the last known moment for a resolution whose moment it assumes', () => {
    givenComplaint()
      .when(
        importing({
          acknowledgedAt: day(2),
          resolution: 'other',
          assumed: ['cause', 'severity', 'resolvedAt', 'proposal'],
        }),
      )
      .then(
        filed,
        { type: 'complaint-acknowledged.v1', at: day(2), data: {} },
        { type: 'complaint-solution-proposed.v1', at: day(2), data: { assumed: ['proposal'] } },
        { type: 'complaint-resolved.v1', at: day(2), data: { kind: 'other', assumed: ['resolvedAt'] } },
      );
  });

  it('refuses a resolution that nothing led to, naming each step', () => {
    givenComplaint()
      .when(importing({ resolution: 'other', resolvedAt: day(3) }))
      .thenRefuses('complaint.order', { status: 'filed', missing: ['acknowledged', 'proposed'] });
    givenComplaint()
      .when(importing({ acknowledgedAt: day(2), resolution: 'other', resolvedAt: day(3) }))
      .thenRefuses('complaint.order', { missing: ['proposed'] });
  });

  it('refuses a resolution without moment and a moment without resolution', () => {
    givenComplaint()
      .when(importing({ resolution: 'other', assumed: ['proposal'] }))
      .thenRefusesField('resolvedAt', 'required');
    givenComplaint()
      .when(importing({ resolvedAt: day(3) }))
      .thenRefusesField('resolution', 'required');
  });

  it.each([
    ['acknowledgedAt', { filedAt: day(3), acknowledgedAt: day(2) }],
    ['resolvedAt', { acknowledgedAt: day(3), resolution: 'other', resolvedAt: day(2) }],
    ['resolvedAt', { filedAt: day(3), resolution: 'other', resolvedAt: day(2) }],
  ] as const)('refuses moments that go backwards, naming %s', (field, more) => {
    givenComplaint().when(importing(more)).thenRefusesField(field, 'notBefore');
  });

  it.each([
    ['filedAt', { filedAt: parseInstant('2026-02-01T00:05:01Z') }],
    ['acknowledgedAt', { acknowledgedAt: parseInstant('2026-02-02T00:00:00Z') }],
    ['resolvedAt', { resolution: 'other', resolvedAt: parseInstant('2026-02-02T00:00:00Z') }],
  ] as const)('refuses a moment in the future, naming %s', (field, more) => {
    givenComplaint().when(importing(more)).thenRefusesField(field, 'notInFuture');
  });

  it('is done once an id', () => {
    givenComplaint(filed).when(importing({})).thenRefuses('complaint.exists');
  });
});
