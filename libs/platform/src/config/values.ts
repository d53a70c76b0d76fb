import { isIP } from 'node:net';

/** A port, 0 among them; undefined for anything else. */
export const parsePort = (text: string): number | undefined => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  return port <= 65535 ? port : undefined;
};

/** True or false, in these words alone. */
export const parseSwitch = (text: string): boolean | undefined =>
  text === 'true' || text === 'false' ? text === 'true' : undefined;

/** An IP address or a host name. */
export const isHost = (text: string): boolean =>
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/.test(
    text,
  ) || isIP(text) !== 0;
