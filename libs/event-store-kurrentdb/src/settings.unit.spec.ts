import { readSettings } from './settings';

const refusal = (text: string): unknown => {
  try {
    return readSettings(text);
  } catch (error) {
    return error;
  }
};

describe('a connection string', () => {
  it.each([
    ['kurrentdb://localhost:2113?tls=false', 10_000],
    ['kurrentdb+discover://cluster.internal', 10_000],
    ['esdb://admin:p%40ss@one:2113,two:2113?defaultDeadline=2500', 2_500],
    ['kurrentdb://localhost?nodePreference=Leader&gossipTimeout=3', 10_000],
  ])('%s is taken', (text, deadline) => {
    expect(readSettings(text)).toEqual({ connectionString: text, deadline });
  });

  it('loses the option that would turn a conflict into an answer', () => {
    const text = 'kurrentdb://one?tls=false&throw_on-appendFailure=false&keepAliveInterval=10000';
    expect(readSettings(text).connectionString).toBe('kurrentdb://one?tls=false&keepAliveInterval=10000');
  });

  it.each([
    ['http://localhost', /must begin with kurrentdb:\/\//],
    ['kurrentdb://', /must begin|must name a host/],
    ['kurrentdb://admin:hunter2@', /must name a host/],
    ['kurrentdb://admin:hunter2@one?nodePreference=follower', /nodePreference/],
    ['kurrentdb://admin:hunter2@one?defaultDeadline=soon', /whole milliseconds/],
    ['kurrentdb://admin:hunter2@one?defaultDeadline=-1', /whole milliseconds/],
    ['kurrentdb://admin:hunter2@one?tls', /without a value/],
    ['kurrentdb://admin:hunter2%zz@one', /percent sign/],
    ['kurrentdb://admin:hun?ter2@one?tls=false', /more than one question mark/],
    ['kurrentdb://hunter2@one', /name:password/],
  ])('%s is refused by rule, without its text', (text, rule) => {
    const error = refusal(text);
    expect(error).toMatchObject({
      code: 'event-store.connection-string',
      message: expect.stringMatching(rule),
    });
    expect(String((error as Error).message)).not.toContain('hunter2');
  });
});
