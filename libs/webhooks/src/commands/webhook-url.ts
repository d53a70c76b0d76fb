const LONGEST = 2_000;

/** True for an absolute http(s) address without user, password and fragment. */
export function isWebhookUrl(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > LONGEST || !URL.canParse(value)) return false;
  const { protocol, username, password, hash, hostname } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '' && hostname !== '';
}
