import { createHmac } from 'node:crypto';

/** Headers of a request by Standard Webhooks 1.0. */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Signs a request: `v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`, once for each secret that is in force.
 * Source: Standard Webhooks 1.0, "Signature scheme".
 * @param timestamp when it is sent, in whole seconds since 1970
 * @param secrets the bytes behind `whsec_`, the one in force first
 */
export function signedHeaders(
  id: string,
  timestamp: number,
  body: string,
  secrets: readonly Buffer[],
): SignedHeaders {
  const text = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(text, 'utf8').digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
