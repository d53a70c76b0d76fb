import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandCatalogue, validateInput } from '@guanxi/commanding';
import { EventRegistry } from '@guanxi/event-store';
import { metaAt } from '../../../../test/support/given';
import { webhookEvents } from '../domain/webhook';
import { webhookCommands } from './commands';

const catalogue = new CommandCatalogue(webhookCommands);
const registry = new EventRegistry(webhookEvents);

describe('the commands of webhooks', () => {
  it('are for operators alone', () => {
    expect(catalogue.commands.map(({ role }) => role)).toEqual(Array(7).fill('operate'));
  });

  it.each(webhookCommands.map((spec) => [spec.name, spec] as const))(
    '%s accepts its example',
    (_name, spec) => {
      expect(validateInput(spec.input, spec.example)).toMatchObject(spec.example);
    },
  );

  it.each(['9999999999999999999', '-1', '1.5', ''])('ReplayWebhook takes no %j for a position', (after) => {
    const spec = webhookCommands.find(({ name }) => name === 'ReplayWebhook');
    expect(() => spec && validateInput(spec.input, { after })).toThrow(/after must be a position/);
  });

  it('RegisterWebhook makes an event of its example that fits its schema', () => {
    const spec = catalogue.find('RegisterWebhook');
    if (!spec) throw new Error('RegisterWebhook is not declared');
    const events = spec.decide(
      validateInput(spec.input, spec.example),
      metaAt(),
      'own',
    )(spec.decider.initial);
    expect(events).toHaveLength(1);
    for (const { type, data } of events) registry.check(type, data);
  });

  it.each([
    ['RegisterWebhook', { topics: ['guanxi.deals'] }, 'url'],
    ['RegisterWebhook', { url: 'partner.example/hook', topics: ['guanxi.deals'] }, 'url'],
    ['RegisterWebhook', { url: 'ftp://partner.example/', topics: ['guanxi.deals'] }, 'url'],
    ['RegisterWebhook', { url: 'https://user:word@partner.example/', topics: ['guanxi.deals'] }, 'url'],
    ['RegisterWebhook', { url: 'https://partner.example/#part', topics: ['guanxi.deals'] }, 'url'],
    [
      'RegisterWebhook',
      { url: `https://partner.example/${'x'.repeat(2_000)}`, topics: ['guanxi.deals'] },
      'url',
    ],
    ['RegisterWebhook', { url: 'https://partner.example/', topics: 'guanxi.deals' }, 'topics'],
    ['RegisterWebhook', { url: 'https://partner.example/', types: ['Deal Won'] }, 'types'],
    ['RegisterWebhook', { url: 'https://partner.example/', topics: ['guanxi.deals'], secret: 'x' }, 'secret'],
    ['ReplayWebhook', { after: '-1' }, 'after'],
    ['ReplayWebhook', { after: 12 }, 'after'],
    ['ReplayWebhook', { from: 'yesterday' }, 'from'],
  ])('%s refuses %j, naming %s', (name, data, field) => {
    const spec = catalogue.find(name);
    expect(() => validateInput(spec?.input ?? Object, data)).toThrow(
      expect.objectContaining({ errors: expect.arrayContaining([expect.objectContaining({ field })]) }),
    );
  });

  it('have a stored sample of every event that they write', () => {
    const file = join(__dirname, '../domain/webhook.samples.json');
    const samples = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(Object.keys(samples).sort()).toEqual([...registry.types].sort());
    for (const [type, data] of Object.entries(samples)) registry.check(type, data);
  });
});
