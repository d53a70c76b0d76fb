import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import { commandsOfTimer, planOf } from '@guanxi/policies';
import type { ComplaintEvent } from '../domain/events';
import { complaintClock } from './complaint-clock';

const KEY = '0b7c3f4e-51c5-4c8e-9a2f-1d4b6a7c8e90';
const policy = complaintClock();
const monday = parseInstant('2026-03-02T10:00:00+08:00');
const tuesday = parseInstant('2026-03-03T10:00:00+08:00');

const history = (...facts: readonly (ComplaintEvent & { at: Instant })[]): RecordedEvent[] =>
  facts.map(({ type, data, at }, revision) => ({
    ...{
      id: `event ${revision}`,
      type,
      stream: `complaint-${KEY}`,
      revision,
      position: BigInt(revision + 1),
    },
    ...{ occurredAt: at, recordedAt: at, data },
    metadata: { correlationId: 'c', tenant: 'default' } as RecordedEvent['metadata'],
  }));

const filed: ComplaintEvent & { at: Instant } = {
  type: 'complaint-filed.v1',
  data: { anonymous: true, channel: 'phone', cause: 'unknown', severity: 3 },
  at: monday,
};
const reopened = { type: 'complaint-reopened.v1', data: { reason: 'again' }, at: tuesday } as const;

const planned = (...facts: readonly (ComplaintEvent & { at: Instant })[]) =>
  planOf(policy, KEY, history(...facts), () => true);
const sentBy = (name: string, ...facts: readonly (ComplaintEvent & { at: Instant })[]) => {
  const { state, timers } = planned(...facts);
  const timer = timers.find((each) => each.name === name);
  if (!timer) throw new Error(`no timer ${name}`);
  return commandsOfTimer(policy, KEY, state, timer).map(({ command, id, data }) => ({ command, id, data }));
};

describe('the policy of the complaint clock', () => {
  it('warns, then hands up by one level', () => {
    expect(sentBy('first-answer-0-50', filed)).toEqual([
      {
        command: 'WarnOfComplaintClock',
        id: KEY,
        data: { clock: 'first-answer', percent: 50, dueAt: tuesday },
      },
    ]);
    expect(sentBy('first-answer-0-100', filed)).toEqual([
      { command: 'EscalateComplaint', id: KEY, data: { reason: 'the first answer is overdue' } },
    ]);
    expect(sentBy('resolution-0-100', filed)).toEqual([
      { command: 'EscalateComplaint', id: KEY, data: { reason: 'the resolution is overdue' } },
    ]);
  });

  it('has timers of their own for each time that a complaint is opened again', () => {
    const names = planned(filed, reopened).timers.map(({ name }) => name);
    expect(names).toContain('resolution-1-100');
    expect(names).not.toContain('resolution-0-100');
  });

  it('does nothing for a timer whose clock has stopped', () => {
    const stopped = planned({ ...filed }, { type: 'complaint-withdrawn.v1', data: {}, at: tuesday });
    expect(stopped.timers).toEqual([]);
    const cause = { id: 'x', stream: '', position: 1n, correlationId: 'c', tenant: 'default' };
    const timer = { name: 'resolution-0-100', dueAt: tuesday, cause };
    expect(commandsOfTimer(policy, KEY, stopped.state, timer)).toEqual([]);
  });

  it('answers no event by itself', () => {
    expect(planned(filed, reopened).commands).toEqual([]);
  });
});
