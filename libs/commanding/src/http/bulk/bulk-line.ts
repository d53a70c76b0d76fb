import type { FieldError } from '@guanxi/kernel';
import { DomainError } from '@guanxi/kernel';
import type { CommandCatalogue } from '../../command-catalogue';
import type { Sent } from '../../command-gateway';
import type { CommandSpec } from '../../command-spec';
import { inputInvalid } from '../../validation/validate-input';
import { parseJson } from '../json-text';
import type { Problem } from '../problem';
import type { Line } from './lines';
import { lineTooLong } from './lines';

/** A line of a bulk call, read but not checked. */
export interface BulkLine {
  readonly spec: CommandSpec;
  readonly sent: Sent;
}

const FIELDS: ReadonlySet<string> = new Set(['command', 'id', 'key', 'occurredAt', 'data']);

/** The line as an object. @throws DomainError `body.*` */
export function parseLine(line: Line): Readonly<Record<string, unknown>> {
  if (line === 'too-long') throw lineTooLong();
  const value = parseJson(line);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw inputInvalid([{ field: 'line', rule: 'isObject', pointer: '', message: 'must be a JSON object' }]);
}

/** Which command a line is and what it carries. @throws DomainError `input.invalid`, `command.unknown` */
export function readLine(fields: Readonly<Record<string, unknown>>, catalogue: CommandCatalogue): BulkLine {
  const unknown = Object.keys(fields).filter((field) => !FIELDS.has(field));
  if (unknown.length > 0) throw inputInvalid(unknown.map(unknownField));
  const { command, id, key, occurredAt, data } = fields;
  const spec = typeof command === 'string' ? catalogue.find(command) : undefined;
  if (spec) return { spec, sent: { id, key, occurredAt, data: data ?? {} } };
  const message =
    typeof command === 'string' ? 'is not a command; GET /v1/commands lists them' : 'must name a command';
  throw new DomainError('command.unknown', 'invalid', `command ${message}`, {}, [
    { field: 'command', rule: 'isCommand', pointer: '/command', message },
  ]);
}

const BESIDE_DATA: ReadonlySet<string> = new Set(['id', 'key', 'occurredAt']);

/**
 * A problem as it concerns one line: pointers start at the line, and the line is named.
 * @param isRead true when the line itself was in order, so that fields of its data are meant
 */
export function problemOfLine(problem: Problem, line: number, isRead: boolean): Problem {
  return {
    ...problem,
    detail: `line ${line}: ${problem.detail}`,
    ...(problem.errors && isRead ? { errors: problem.errors.map(insideData) } : {}),
  };
}

function insideData(error: FieldError): FieldError {
  const [, top = ''] = error.pointer.split('/');
  return error.pointer === '' || BESIDE_DATA.has(top)
    ? error
    : { ...error, pointer: `/data${error.pointer}` };
}

const unknownField = (field: string): FieldError => ({
  field,
  rule: 'unknownField',
  pointer: `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  message: `is not a known field of a line; known are ${[...FIELDS].join(', ')}`,
});
