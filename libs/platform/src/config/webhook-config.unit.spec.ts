import { loadConfig } from './config';

describe('settings of webhooks', () => {
  it('allow nothing beside https to the public internet unless they say so', () => {
    expect(loadConfig({})).not.toHaveProperty('webhooks');
    expect(loadConfig({ GUANXI_WEBHOOK_ALLOW_PRIVATE: 'true' }).webhooks).toEqual({
      ...{ allowPrivate: true, allowHttp: false },
    });
    expect(
      loadConfig({ GUANXI_WEBHOOK_ALLOW_HTTP: 'true', GUANXI_WEBHOOK_ALLOW_PRIVATE: 'false' }).webhooks,
    ).toEqual({ allowPrivate: false, allowHttp: true });
  });

  it.each([
    ['GUANXI_WEBHOOK_ALLOW_PRIVATE', 'yes'],
    ['GUANXI_WEBHOOK_ALLOW_HTTP', '1'],
    ['GUANXI_SECRETS_KEY', Buffer.alloc(31, 1).toString('base64')],
    ['GUANXI_SECRETS_KEY', Buffer.alloc(33, 1).toString('base64')],
    ['GUANXI_SECRETS_KEY', 'not base64 at all, by any measure of it ....'],
  ])('%s=%s stops the start with its name, and without a value that may be a secret', (name, value) => {
    let message = '';
    try {
      loadConfig({ [name]: value });
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(name);
    if (name === 'GUANXI_SECRETS_KEY') expect(message).not.toContain(value);
  });

  it('take a key of 32 bytes in base64', () => {
    const key = Buffer.alloc(32, 1).toString('base64');
    expect(loadConfig({ GUANXI_SECRETS_KEY: key }).secretsKey).toBe(key);
  });
});
