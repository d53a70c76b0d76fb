import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandCatalogue, validateInput } from '@guanxi/commanding';
import { EventRegistry } from '@guanxi/event-store';
import { metaAt } from '../../../../test/support/given';
import { steeringEvents } from '../domain/events';
import { steeringCommands } from './commands';

const registry = new EventRegistry(steeringEvents);

describe('the commands of steering', () => {
  it('have names and routes of their own', () => {
    expect(new CommandCatalogue(steeringCommands).commands).toHaveLength(8);
  });

  it.each(steeringCommands.map((spec) => [spec.name, spec] as const))(
    '%s accepts its example',
    (_name, spec) => {
      expect(validateInput(spec.input, spec.example)).toMatchObject(spec.example);
    },
  );

  it.each(
    steeringCommands.filter(({ verb }) => verb === undefined).map((spec) => [spec.name, spec] as const),
  )('%s makes an event of its example that fits its schema', (_name, spec) => {
    const input = validateInput(spec.input, spec.example);
    const events = spec.decide(input, metaAt(), 'own')(spec.decider.initial);
    expect(events).toHaveLength(1);
    for (const { type, data } of events) registry.check(type, data);
  });

  it('take a field sent as null for one left out', () => {
    const spec = new CommandCatalogue(steeringCommands).find('DefineProduct');
    if (!spec) throw new Error('DefineProduct is not declared');
    const input = validateInput(spec.input, { name: 'X', family: null, attributes: null, listPrice: null });
    const events = spec.decide(input, metaAt(), 'own')(spec.decider.initial);
    expect(events).toEqual([{ type: 'product-defined.v1', data: { name: 'X' } }]);
  });

  it.each([
    ['DefineProduct', { name: '' }, 'name'],
    ['DefineProduct', { name: 'X', listPrice: { amount: 1.5, currency: 'USD' } }, 'listPrice'],
    ['DefineProduct', { name: 'X', colour: 'red' }, 'colour'],
    ['DefineSeller', { region: 'East' }, 'name'],
    ['DefineDepartment', { name: 'X', parent: 'nobody' }, 'parent'],
    ['RecordExchangeRate', { base: 'USD', quote: 'ZZZ', rate: 1 }, 'quote'],
    ['RecordExchangeRate', { base: 'USD', quote: 'CNY', rate: '7,1' }, 'rate'],
  ])('%s refuses %j, naming %s', (name, data, field) => {
    const spec = new CommandCatalogue(steeringCommands).find(name);
    expect(() => validateInput(spec?.input ?? Object, data)).toThrow(
      expect.objectContaining({ errors: expect.arrayContaining([expect.objectContaining({ field })]) }),
    );
  });

  it('have a stored sample of every event that they write', () => {
    const file = join(__dirname, '../domain/steering.samples.json');
    const samples = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(Object.keys(samples).sort()).toEqual([...registry.types].sort());
    for (const [type, data] of Object.entries(samples)) registry.check(type, data);
  });
});
