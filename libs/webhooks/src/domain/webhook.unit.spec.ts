import { given, metaAt, stateAfter } from '../../../../test/support/given';
import type { WebhookEvent } from './webhook';
import {
  disableWebhook,
  enableWebhook,
  registerWebhook,
  removeWebhook,
  replayWebhook,
  rotateSecret,
  updateWebhook,
  webhookDecider,
} from './webhook';

const givenWebhook = given(webhookDecider);
const command = { commandId: 'command-2' };
const url = 'https://partner.example/hook';
const registered: WebhookEvent = {
  type: 'webhook-registered.v1',
  data: { url, topics: ['guanxi.deals'], types: [], secretId: 'command-1' },
};
const disabled: WebhookEvent = { type: 'webhook-disabled.v1', data: { reason: 'gone' } };
const removed: WebhookEvent = { type: 'webhook-removed.v1', data: {} };

describe('registering a webhook', () => {
  it('says where it is and what it wants, each name once, and names its secret after the command', () => {
    const topics = ['guanxi.deals', 'guanxi.customers', 'guanxi.deals'];
    givenWebhook()
      .when(registerWebhook({ url, topics, description: 'ours' }, command))
      .then({
        type: 'webhook-registered.v1',
        data: {
          ...{ url, topics: ['guanxi.customers', 'guanxi.deals'], types: [], description: 'ours' },
          secretId: 'command-2',
        },
      });
  });

  it('changes nothing when it says what stands, and is refused when it says something else', () => {
    givenWebhook(registered)
      .when(registerWebhook({ url, topics: ['guanxi.deals'] }, command))
      .thenNothing();
    givenWebhook(registered)
      .when(registerWebhook({ url, types: ['deal-won.v1'] }, command))
      .thenRefuses('webhook.exists');
    givenWebhook(registered, removed)
      .when(registerWebhook({ url, topics: ['guanxi.deals'] }, command))
      .thenRefuses('webhook.exists');
  });

  it('must want something', () => {
    givenWebhook().when(registerWebhook({ url }, command)).thenRefuses('webhook.wants-nothing');
    givenWebhook(registered)
      .when(updateWebhook({ topics: [] }))
      .thenRefuses('webhook.wants-nothing');
  });
});

describe('a registered webhook', () => {
  it('is updated by what differs alone', () => {
    givenWebhook(registered)
      .when(updateWebhook({ url, types: ['deal-won.v1'], topics: ['guanxi.deals'] }))
      .then({ type: 'webhook-updated.v1', data: { types: ['deal-won.v1'] } });
    givenWebhook(registered).when(updateWebhook({ url })).thenNothing();
  });

  it('keeps the secrets that were replaced within a day, however often it was rotated, and no more than four', () => {
    givenWebhook(registered)
      .when(rotateSecret({ reason: 'it leaked' }, command))
      .then({ type: 'webhook-secret-rotated.v1', data: { secretId: 'command-2', reason: 'it leaked' } });
    const rotated = (secretId: string): WebhookEvent => ({
      type: 'webhook-secret-rotated.v1',
      data: { secretId },
    });
    const state = stateAfter(webhookDecider, [registered, rotated('command-2'), rotated('command-3')]);
    expect(state).toMatchObject({ secrets: [{ id: 'command-3' }, { id: 'command-2' }, { id: 'command-1' }] });
    const often = Array.from({ length: 20 }, (_, index) => rotated(`command-${index + 2}`));
    const last = ['21', '20', '19', '18', '17'].map((n) => ({ id: `command-${n}` }));
    expect(stateAfter(webhookDecider, [registered, ...often])).toMatchObject({ secrets: last });
  });

  it('is disabled once, says why, and forgets the reason when it is enabled', () => {
    givenWebhook(registered)
      .when(disableWebhook({ reason: 'gone' }))
      .then(disabled);
    givenWebhook(registered, disabled)
      .when(disableWebhook({ reason: 'moving' }))
      .thenNothing();
    givenWebhook(registered, disabled)
      .when(enableWebhook({ reason: 'mended' }))
      .then({ type: 'webhook-enabled.v1', data: { reason: 'mended' } });
    givenWebhook(registered).when(enableWebhook({})).thenNothing();
    const enabled: WebhookEvent = { type: 'webhook-enabled.v1', data: {} };
    const state = stateAfter(webhookDecider, [registered, disabled, enabled]);
    expect(state).toMatchObject({ status: 'enabled', enabledAtRevision: 2 });
    expect(state).not.toHaveProperty('reason');
  });

  it('is replayed from a position or an instant, one of them, also while it is disabled', () => {
    givenWebhook(registered, disabled)
      .when(replayWebhook({ after: '12' }))
      .then({ type: 'webhook-replay-requested.v1', data: { after: '12' } });
    givenWebhook(registered)
      .when(replayWebhook({ from: '2026-03-01T00:00:00Z' }))
      .then({ type: 'webhook-replay-requested.v1', data: { from: '2026-03-01T00:00:00Z' } });
    givenWebhook(registered).when(replayWebhook({})).thenRefuses('webhook.replay-from');
    givenWebhook(registered)
      .when(replayWebhook({ after: '12', from: '2026-03-01T00:00:00Z' }))
      .thenRefuses('webhook.replay-from');
  });
});

describe.each([
  ['updated', updateWebhook({ url: 'https://x.example' })],
  ['given a new secret', rotateSecret({}, metaAt())],
  ['enabled', enableWebhook({})],
  ['disabled', disableWebhook({})],
  ['replayed', replayWebhook({ after: '0' })],
])('a webhook that is to be %s', (_what, decision) => {
  it('must be there', () => {
    givenWebhook().when(decision).thenRefuses('webhook.unknown');
    givenWebhook(registered, removed).when(decision).thenRefuses('webhook.removed');
  });
});

it('a webhook is removed once', () => {
  givenWebhook(registered).when(removeWebhook({})).then(removed);
  givenWebhook(registered, removed).when(removeWebhook({})).thenNothing();
  givenWebhook().when(removeWebhook({})).thenRefuses('webhook.unknown');
});
