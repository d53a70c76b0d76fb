import { DomainError, invalidField } from '@guanxi/kernel';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const KEY_LENGTH = 200;

/** `Idempotency-Key`, if sent. @throws DomainError `input.invalid` */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && key.length > 0 && key.length <= KEY_LENGTH) return key;
  throw headerRefused('Idempotency-Key', 'length', `must have 1 to ${KEY_LENGTH} characters`);
}

/** The revision of `If-Match`, if sent. @throws DomainError `input.invalid` for what no answer's ETag was */
export function expectedRevisionOf(headers: Headers): number | undefined {
  const tag = headers['if-match'];
  if (tag === undefined) return undefined;
  const revision = typeof tag === 'string' ? /^"(\d{1,9})"$/.exec(tag.trim())?.[1] : undefined;
  if (revision !== undefined) return Number(revision);
  throw headerRefused('If-Match', 'isRevision', 'must be one strong ETag as an answer named it, such as "3"');
}

/** Correlation ids are echoed and logged: visible ASCII alone. */
export const isCorrelationId = (text: string): boolean => /^[\x21-\x7e]{1,200}$/.test(text);

/** @throws DomainError `input.invalid` for an `X-Correlation-Id` that is none */
export function checkCorrelationId(headers: Headers): void {
  const sent = headers['x-correlation-id'];
  if (sent === undefined || (typeof sent === 'string' && isCorrelationId(sent))) return;
  throw headerRefused('X-Correlation-Id', 'isCorrelationId', 'must have 1 to 200 visible ASCII characters');
}

function headerRefused(header: string, rule: string, message: string): DomainError {
  const refusal = invalidField(header, rule, message);
  return new DomainError(refusal.code, refusal.kind, `${header} ${message}`, {}, [
    { field: header, rule, pointer: '', message },
  ]);
}
