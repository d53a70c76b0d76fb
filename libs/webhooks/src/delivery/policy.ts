import { OLD_SECRET_MILLISECONDS } from '../domain/webhook';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Everything that decides how patiently and how much is delivered; times in milliseconds. */
export interface DeliveryPolicy {
  /** Waits after the first, second, ... failure of a message, as Standard Webhooks suggests; the last one repeats. */
  readonly waits: readonly number[];
  /** A message that fails for so long has its webhook disabled. */
  readonly giveUpAfter: number;
  /** A wait is longer by a random part of up to this share, so that what failed together is not tried together. */
  readonly jitter: number;
  /** The longest `Retry-After` that is heeded. */
  readonly longestRetryAfter: number;
  /** A whole request, from the look-up to the last byte read. */
  readonly timeout: number;
  /** Bytes of an answer that are read; the rest is dropped with the connection. */
  readonly answerBytes: number;
  /** Requests at once, of one webhook and of one process. */
  readonly atOnce: number;
  readonly atOnceOfProcess: number;
  /** Messages of one webhook that are in memory at most. */
  readonly inMemory: number;
  /** Keys of one webhook that may wait; with so many no more of the log is looked at until some are through. */
  readonly waitingKeys: number;
  /** How long a rotated secret signs beside the new one. */
  readonly oldSecret: number;
  /** For how long, and of how many of each webhook, deliveries that are through stay listed. */
  readonly keptFor: number;
  readonly keptMost: number;
  /** A worker that has not been heard of for so long has its webhooks taken over. */
  readonly lease: number;
  readonly beat: number;
}

export const DELIVERY_POLICY: DeliveryPolicy = {
  waits: [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
  ],
  giveUpAfter: 3 * DAY,
  jitter: 0.1,
  longestRetryAfter: DAY,
  timeout: 10 * SECOND,
  answerBytes: 64 * 1024,
  atOnce: 8,
  atOnceOfProcess: 64,
  inMemory: 500,
  waitingKeys: 1_000,
  oldSecret: OLD_SECRET_MILLISECONDS,
  keptFor: 30 * DAY,
  keptMost: 10_000,
  lease: 6 * SECOND,
  beat: 1_500,
};

/**
 * Milliseconds until a message is tried again.
 * @param attempts how often it was tried
 * @param random from 0 to below 1
 * @param retryAfter what the receiver asked for
 */
export function waitAfter(
  { waits, jitter, longestRetryAfter }: DeliveryPolicy,
  attempts: number,
  random: number,
  retryAfter?: number,
): number {
  const planned = waits[Math.min(attempts, waits.length) - 1] ?? 0;
  const wanted = Math.max(planned, Math.min(retryAfter ?? 0, longestRetryAfter));
  return Math.round(wanted * (1 + jitter * random));
}
