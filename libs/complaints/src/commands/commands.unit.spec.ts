import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandCatalogue, validateInput } from '@guanxi/commanding';
import { EventRegistry } from '@guanxi/event-store';
import { metaAt } from '../../../../test/support/given';
import { complaintEvents } from '../domain/events';
import { HANDLING } from '../domain/handling';
import { COMPLAINANT_TYPES } from '../domain/vocabulary';
import { complaintCommands } from './commands';

const registry = new EventRegistry(complaintEvents);
const catalogue = new CommandCatalogue(complaintCommands);

describe('the commands of complaints', () => {
  it.each(complaintCommands.map((spec) => [spec.name, spec] as const))(
    '%s accepts its example',
    (_name, spec) => {
      expect(validateInput(spec.input, spec.example)).toMatchObject(spec.example);
    },
  );

  it('make events that fit their schemas, one after the other along the way of a complaint', () => {
    const way = complaintCommands.filter(
      ({ name }) =>
        !['WithdrawComplaint', 'ReopenComplaint', 'CloseComplaint', 'ImportComplaint'].includes(name),
    );
    const early = way.filter(({ name }) => ['AssignComplaint', 'EscalateComplaint'].includes(name));
    const ordered = [way[0], ...early, ...way.slice(1).filter((spec) => !early.includes(spec))];
    const close = catalogue.find('CloseComplaint');
    const reopen = catalogue.find('ReopenComplaint');
    const withdraw = catalogue.find('WithdrawComplaint');
    let state: unknown;
    for (const [step, spec] of [...ordered, close, reopen, withdraw].entries()) {
      if (!spec) throw new Error('a command is not declared');
      state ??= spec.decider.initial;
      const events = spec.decide(validateInput(spec.input, spec.example), metaAt(), 'own')(state);
      expect(events).toHaveLength(1);
      for (const { type, data } of events) {
        registry.check(type, data);
        state = spec.decider.evolve(state, { type, data, at: metaAt().at, revision: step });
      }
    }
  });

  it('import events that fit their schemas', () => {
    const spec = catalogue.find('ImportComplaint');
    if (!spec) throw new Error('ImportComplaint is not declared');
    const events = spec.decide(
      validateInput(spec.input, spec.example),
      metaAt(),
      'own',
    )(spec.decider.initial);
    expect(events.map(({ type }) => type)).toEqual([
      'complaint-filed.v1',
      'complaint-acknowledged.v1',
      'complaint-solution-proposed.v1',
      'complaint-resolved.v1',
    ]);
    for (const { type, data } of events) registry.check(type, data);
  });

  it.each([
    ['FileComplaint', { channel: 'pigeon', cause: 'unknown', anonymous: true }, 'channel'],
    ['FileComplaint', { channel: 'web', cause: 'bad luck', anonymous: true }, 'cause'],
    ['FileComplaint', { channel: 'web', cause: 'unknown', severity: 5 }, 'severity'],
    ['FileComplaint', { channel: 'web', cause: 'unknown', customerId: 'me' }, 'customerId'],
    [
      'FileComplaint',
      { channel: 'web', cause: 'unknown', claimedLoss: { amount: 0.5, currency: 'USD' } },
      'claimedLoss',
    ],
    ['ProposeSolution', { regret: 'r', correction: 'c', remedy: 'm', redress: { sum: 1 } }, 'redress.sum'],
    ['ProposeSolution', { regret: 'r', correction: 'c', remedy: 'm', redress: 'ten yuan' }, 'redress'],
    ['ProposeSolution', { regret: 'r', correction: 'c' }, 'remedy'],
    ['ResolveComplaint', { resolution: 'r', assumed: ['cause'] }, 'assumed'],
    ['FollowUpComplaint', { reached: 'yes' }, 'reached'],
    ['EscalateComplaint', { to: 'owner', reason: 'r' }, 'to'],
    ['ImportComplaint', { channel: 'web', cause: 'unknown', filedAt: '2026-01-05', assumed: [] }, 'filedAt'],
    ['ImportComplaint', { channel: 'web', cause: 'unknown', filedAt: '2026-01-05T00:00:00Z' }, 'assumed'],
  ])('%s refuses %j, naming %s', (name, data, field) => {
    expect(() => validateInput(catalogue.find(name)?.input ?? Object, data)).toThrow(
      expect.objectContaining({ errors: expect.arrayContaining([expect.objectContaining({ field })]) }),
    );
  });

  it('take moments with any offset into UTC', () => {
    const spec = catalogue.find('ImportComplaint');
    const data = { channel: 'web', cause: 'unknown', filedAt: '2026-01-05T08:00:00+08:00', assumed: [] };
    expect(validateInput(spec?.input ?? Object, data)).toMatchObject({ filedAt: '2026-01-05T00:00:00.000Z' });
  });

  it('have a stored sample of every event that they write', () => {
    const file = join(__dirname, '../domain/complaints.samples.json');
    const samples = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(Object.keys(samples).sort()).toEqual([...registry.types].sort());
    for (const [type, data] of Object.entries(samples)) registry.check(type, data);
  });

  it('know how to handle every type of complainant', () => {
    expect(Object.keys(HANDLING).sort()).toEqual([...COMPLAINANT_TYPES].sort());
    for (const points of Object.values(HANDLING)) expect(points.length).toBeGreaterThan(2);
  });
});
