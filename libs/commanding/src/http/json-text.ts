import { DomainError } from '@guanxi/kernel';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Escapes that may stand for what no database text can hold: NUL, or half of a surrogate pair. */
const SUSPECT = /\\u(0000|[dD][89a-fA-F])/;

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Reads bytes as JSON.
 * @throws DomainError `body.encoding`, `body.malformed`, `body.unstorable`; kind `invalid`
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused('body.malformed', `is not JSON: ${withoutContent(error)}`);
  }
  if (SUSPECT.test(text) || text.includes('\u0000')) refuseUnstorable(value);
  if (text.includes('__proto__')) refusePrototypes(value);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw refused('body.encoding', 'is not valid UTF-8');
  }
}

/** Where JSON breaks, not what stands there: the text may be personal. */
function withoutContent(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const at = /at position (\d+)/.exec(message)?.[1];
  if (at !== undefined) return `it breaks at character ${at}`;
  return message.includes('end of JSON input')
    ? 'it ends too early'
    : 'it breaks off or holds an unexpected character';
}

const refused = (code: string, message: string): DomainError =>
  new DomainError(code, 'invalid', `the body ${message}`, {}, [
    { field: '', rule: code.slice('body.'.length), pointer: '', message },
  ]);

function refuseUnstorable(value: unknown): void {
  visit(value, (text) => {
    if (text.includes('\u0000') || LONE_SURROGATE.test(text)) {
      throw refused('body.unstorable', 'holds text with a NUL character or half a surrogate pair');
    }
  });
}

function refusePrototypes(value: unknown): void {
  visit(value, (text, isName) => {
    if (isName && text === '__proto__')
      throw refused('body.malformed', 'has a field that is called __proto__');
  });
}

/** Calls for every text inside a JSON value; `isName` for names of fields. */
function visit(value: unknown, each: (text: string, isName: boolean) => void): void {
  if (typeof value === 'string') each(value, false);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    each(name, true);
    visit(inner, each);
  }
}
