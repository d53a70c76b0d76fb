import type { LoggerService } from '@nestjs/common';
import type { JsonLog } from './json-log';

/** Nest's own lines, of which those about its start are for debugging alone. */
export const nestLogger = (log: JsonLog): LoggerService => ({
  log: (message: unknown, ...more: unknown[]) => {
    log.debug(message, ...more);
  },
  error: (message: unknown, ...more: unknown[]) => {
    log.error(message, ...more);
  },
  warn: (message: unknown, ...more: unknown[]) => {
    log.warn(message, ...more);
  },
  debug: (message: unknown, ...more: unknown[]) => {
    log.debug(message, ...more);
  },
  verbose: (message: unknown, ...more: unknown[]) => {
    log.debug(message, ...more);
  },
  fatal: (message: unknown, ...more: unknown[]) => {
    log.fatal(message, ...more);
  },
});
