import type { LogEntry } from 'kafkajs';
import { logLevel } from 'kafkajs';

/** Takes lines for those who look for a fault. */
export type DebugLog = (line: Readonly<Record<string, unknown>>) => void;

/**
 * What kafkajs has to say goes to our log as a detail: it is loud about what it tries again by itself, and what becomes
 * of that is told by the relay. Only its words and places are handed on, never what a message holds.
 */
export const clientLog =
  (debug: DebugLog) =>
  (): ((entry: LogEntry) => void) =>
  ({ namespace, level, log }) => {
    const { message, broker, error }: Readonly<Record<string, unknown>> = log;
    debug({
      event: 'kafka client',
      about: namespace,
      severity: logLevel[level],
      message,
      ...(typeof broker === 'string' && { broker }),
      ...(typeof error === 'string' && { error }),
    });
  };
