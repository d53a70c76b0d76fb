import { DateTime } from 'luxon';

export const openedOn = (at: string): string => DateTime.fromISO(at).toISODate() ?? at;
