import { DomainError, conflict, invalidField } from '@guanxi/kernel';
import type { ErrorKind } from '@guanxi/kernel';
import { problemOf } from './problem';

describe('a problem', () => {
  it.each([
    ['invalid', 400],
    ['forbidden', 403],
    ['not-found', 404],
    ['conflict', 409],
    ['mismatch', 422],
    ['overloaded', 503],
    ['unavailable', 503],
  ] as readonly [ErrorKind, number][])('of the kind %s has status %d', (kind, status) => {
    expect(problemOf(new DomainError('some.rule', kind, 'said'))).toMatchObject({
      type: '/problems/some.rule',
      status,
      code: 'some.rule',
      detail: 'said',
    });
  });

  it('has another status where the code says more than the kind', () => {
    expect(problemOf(conflict('stream.revision', 'moved on')).status).toBe(412);
    expect(problemOf(new DomainError('query.behind', 'overloaded', 'late'))).toMatchObject({
      status: 504,
      retryAfter: 1,
    });
    expect(problemOf(new DomainError('event-store.overloaded', 'overloaded', 'full'))).toMatchObject({
      status: 429,
      retryAfter: 1,
    });
    expect(problemOf(new DomainError('auth.missing', 'forbidden', 'who')).status).toBe(401);
  });

  it('carries facts and broken rules, and leaves out what is not there', () => {
    expect(problemOf(conflict('a.b', 'no', { stage: 'C' })).facts).toEqual({ stage: 'C' });
    const refused = problemOf(invalidField('value.amount', 'isInt', 'must be whole'));
    expect(refused.errors).toEqual([
      { field: 'value.amount', rule: 'isInt', pointer: '/value/amount', message: 'must be whole' },
    ]);
    expect(refused).not.toHaveProperty('facts');
  });

  it('says of a fault of ours nothing at all', () => {
    const { detail, code } = problemOf(new TypeError('cannot read Jane of undefined'));
    expect(code).toBe('internal');
    expect(detail).not.toMatch(/Jane/);
  });

  it.each([
    { code: 'ECONNREFUSED' },
    { code: '57P01' },
    { code: '08006' },
    { message: 'Connection terminated unexpectedly' },
  ])('of a database that is away (%j) asks to come again', (error) => {
    expect(problemOf(Object.assign(new Error(''), error))).toMatchObject({
      status: 503,
      code: 'database.unavailable',
    });
  });

  it('of a question that took too long is a 504', () => {
    expect(problemOf(Object.assign(new Error('canceling'), { code: '57014' })).status).toBe(504);
  });
});
