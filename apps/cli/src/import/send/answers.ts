import { ImportFailure, isRecord } from '../types';

/** What the server says to one command. */
export interface Answer {
  readonly key?: string;
  readonly status: 'accepted' | 'unchanged' | 'refused';
  readonly problem?: { readonly code: string; readonly message: string; readonly status: number };
}

/** @throws ImportFailure `server.answer` */
export function parseAnswer(line: string): Answer {
  const value = parseJson(line);
  if (!isRecord(value)) throw unreadable();
  const { key, status } = value;
  if (status !== 'accepted' && status !== 'unchanged' && status !== 'refused') throw unreadable();
  return {
    status,
    ...(typeof key === 'string' && { key }),
    ...(status === 'refused' && { problem: parseProblem(value['problem']) }),
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const unreadable = (): ImportFailure =>
  new ImportFailure('server.answer', 'the server answered with a line that is no answer to a command');

/** The parts of problem+json that a row's report tells: code, detail, and the fields with their rules. */
export function parseProblem(value: unknown): { code: string; message: string; status: number } {
  if (!isRecord(value)) return { code: 'refused', message: 'refused without a reason', status: 422 };
  const { code, title, detail, status, errors } = value;
  const fields = Array.isArray(errors) ? errors.filter(isRecord).map(fieldMessage) : [];
  const told = [detail, title].find((each): each is string => typeof each === 'string') ?? 'refused';
  return {
    code: typeof code === 'string' ? code : 'refused',
    message: [told, ...fields].join('; '),
    status: typeof status === 'number' ? status : 422,
  };
}

function fieldMessage(error: Readonly<Record<string, unknown>>): string {
  const words = [error['field'] ?? error['pointer'], error['rule'], error['message']];
  return words.filter((word) => typeof word === 'string').join(' ');
}
