import fc from 'fast-check';
import { ImportFailure, type SourceRow } from '../types';
import type { SourceFormat } from './format';
import { tokenizerFor } from './tokenize';

const csv: SourceFormat = { format: 'csv', encoding: 'utf-8', separator: ',', quote: '"', header: true };

/** Tokenizes a text cut into pieces of the given sizes, again and again. */
function tokenize(
  text: string,
  format: SourceFormat = csv,
  sizes: readonly number[] = [text.length],
): SourceRow[] {
  const tokenizer = tokenizerFor(format, 'table.csv');
  const rows = chunksOf(text, sizes).flatMap((chunk) => tokenizer.push(chunk, false));
  return [...rows, ...tokenizer.push('', true)];
}

function chunksOf(text: string, sizes: readonly number[]): string[] {
  const chunks: string[] = [];
  for (let at = 0; at < text.length;) {
    const size = Math.max(1, sizes[chunks.length % sizes.length] ?? 1);
    chunks.push(text.slice(at, at + size));
    at += size;
  }
  return chunks;
}

const fieldsOf = (rows: readonly SourceRow[]): (readonly string[])[] => rows.map(({ fields }) => fields);

function failure(act: () => unknown): ImportFailure {
  try {
    act();
  } catch (error) {
    if (error instanceof ImportFailure) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('delimited text', () => {
  const character = fc.constantFrom('a', 'b', ' ', '"', ',', ';', '\n', '\r\n', 'é', '漢', '\u{1F600}', "'");
  // A carriage return at the very end of a field is part of the line end, a blank single field no record.
  const field = fc.array(character, { maxLength: 6 }).map((parts) => parts.join(''));
  const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
  const quoted = (text: string, separator: string): string =>
    /["\r\n]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;

  it('reads what was written, wherever it is cut into chunks, with the line of each record', () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom(',', ';', '\t', '||'),
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (rows, end, separator, ended, sizes) => {
          const records = rows.map((fields) => fields.map((text) => quoted(text, separator)).join(separator));
          const text = records.join(end) + (ended ? end : '');
          const found = tokenize(text, { ...csv, separator }, sizes);
          expect(fieldsOf(found)).toEqual(rows);
          let line = 1;
          const lines = records.map((record) => {
            const start = line;
            line += record.split('\n').length;
            return start;
          });
          expect(found.map((row) => row.line)).toEqual(lines);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('takes a quote inside an unquoted field as it stands', () => {
    expect(fieldsOf(tokenize('a,15" disc,b\n'))).toEqual([['a', '15" disc', 'b']]);
  });

  it('leaves blank lines out and counts them', () => {
    expect(tokenize('a,b\n\n\r\nc,d').map(({ line }) => line)).toEqual([1, 4]);
  });

  it('takes quotes as ordinary characters when the source has none', () => {
    expect(fieldsOf(tokenize('"a,b"\n', { ...csv, quote: '' }))).toEqual([['"a', 'b"']]);
  });

  it.each([[[100]], [[1]], [[3]]])(
    'names the line of a quote that is never closed (chunks of %p)',
    (sizes) => {
      const error = failure(() => tokenize('a,b\n"x\ny",1\nc,"d\ne,f\ng,h\n', csv, sizes));
      expect(error).toMatchObject({ code: 'csv.quote-unclosed' });
      expect(error.message).toContain('table.csv, line 4');
    },
  );

  it('names the line where text follows a closing quote', () => {
    const error = failure(() => tokenize('a,b\nc,"d"e\nf,g\n'));
    expect(error).toMatchObject({ code: 'csv.quote-misplaced' });
    expect(error.message).toContain('line 2');
  });

  it('gives up on a quote that is open for more than a mebibyte', () => {
    const line = `${'x'.repeat(99)}\n`;
    const error = failure(() => tokenize(`a,"${line.repeat(12_000)}`, csv, [64 * 1024]));
    expect(error).toMatchObject({ code: 'csv.quote-unclosed' });
  });
});

describe('skimming', () => {
  const codeOf = (work: () => void): string | undefined => {
    try {
      work();
      return undefined;
    } catch (error) {
      return error instanceof ImportFailure ? error.code : String(error);
    }
  };

  it('finds a fault where reading finds one, whatever the text and the chunks', () => {
    const texts = fc.string({ unit: fc.constantFrom('"', '"', ',', '\n', '\r\n', 'a', ' ', '\u4e09') });
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (text, sizes) => {
        const chunks = chunksOf(text, sizes);
        const read = codeOf(() => tokenize(text, csv, sizes));
        const skimmed = codeOf(() => {
          const tokenizer = tokenizerFor(csv, 'table.csv');
          let begun = false;
          for (const chunk of chunks) {
            if (begun) tokenizer.skim(chunk, false);
            else begun = tokenizer.push(chunk, false).length > 0;
          }
          if (begun) tokenizer.skim('', true);
          else tokenizer.push('', true);
        });
        expect(skimmed).toBe(read);
      }),
      { numRuns: 3_000 },
    );
  });

  it('gives up on a quote that is open for more than a mebibyte', () => {
    const line = `${'x'.repeat(99)}\n`;
    const tokenizer = tokenizerFor(csv, 'table.csv');
    tokenizer.push('a,b\n', false);
    const chunks = [`a,"`, ...Array.from({ length: 12_000 }, () => line)];
    expect(
      codeOf(() => {
        chunks.forEach((chunk) => {
          tokenizer.skim(chunk, false);
        });
      }),
    ).toBe('csv.quote-unclosed');
  });
});

describe('whitespace tables', () => {
  it('splits at any run of blanks, with CRLF and leading blanks', () => {
    const text = ' id  date\r\n 00001 19970101  1\t11.77\r\n\r\n00002 x\r\n';
    const rows = tokenize(text, { ...csv, format: 'whitespace' }, [5]);
    expect(fieldsOf(rows)).toEqual([
      ['id', 'date'],
      ['00001', '19970101', '1', '11.77'],
      ['00002', 'x'],
    ]);
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 4]);
  });
});

describe('NDJSON', () => {
  const ndjson: SourceFormat = {
    ...csv,
    format: 'ndjson',
    header: false,
    columns: ['id', 'who.name', 'a.b', 'paid'],
  };

  it('reads scalars at dotted paths, and a name with a dot as it stands', () => {
    const text = '{"id":7,"who":{"name":"Li"},"a.b":"c","paid":true}\n{"id":"8","who":null}\n';
    expect(fieldsOf(tokenize(text, ndjson, [4]))).toEqual([
      ['7', 'Li', 'c', 'true'],
      ['8', '', '', ''],
    ]);
  });

  it('keeps a bad line as a row with its fault and goes on', () => {
    const rows = tokenize('{"id":1}\n{"id":\n[1]\n{"id":{}}\n{"id":2}\n', ndjson);
    expect(rows.map(({ line, fault }) => [line, fault?.rule])).toEqual([
      [1, undefined],
      [2, 'ndjson.malformed'],
      [3, 'ndjson.object'],
      [4, 'ndjson.scalar'],
      [5, undefined],
    ]);
  });
});
