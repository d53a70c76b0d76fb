/** The product cannot start; the message says why and what to do, and can be shown as it is. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
