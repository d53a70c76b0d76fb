import { formatOf } from './formats';

describe('the form of an answer', () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['text/csv', 'text/csv'],
    ['text/*', 'text/csv'],
    ['application/x-ndjson, */*;q=0.1', 'application/x-ndjson'],
    ['text/csv;q=0.4, application/json;q=0.5', 'application/json'],
    ['TEXT/CSV; charset=utf-8', 'text/csv'],
    ['application/json;q=0, */*', 'text/csv'],
  ])('is for %s %s', (accept, format) => {
    expect(formatOf(accept, true)).toBe(format);
  });

  it.each(['application/xml', 'text/csv;q=0', 'nonsense'])('is none for %s', (accept) => {
    expect(() => formatOf(accept, true)).toThrow(
      'this answer comes as application/json, text/csv, application/x-ndjson',
    );
  });

  it('is JSON alone for an answer without rows', () => {
    expect(() => formatOf('text/csv', false)).toThrow('this answer comes as application/json');
  });
});
