import { hash, randomBytes } from 'node:crypto';

/** Id of the first key; its key text may be anything that GUANXI_ADMIN_KEY says. */
export const ADMIN_ID = 'admin';

const FORMAT = /^gx_([a-z0-9]{1,32})_[0-9a-f]{64}$/;

/** A new key's text: `gx_<id>_<secret>`, the secret being 256 random bits. */
export function newKeyText(id: string): string {
  return `gx_${id}_${randomBytes(32).toString('hex')}`;
}

/** A new key's id. */
export const newKeyId = (): string => randomBytes(6).toString('hex');

/** Ids under which a key's text may be on record. */
export function idsOf(text: string): readonly string[] {
  const id = FORMAT.exec(text)?.[1];
  return id === undefined || id === ADMIN_ID ? [ADMIN_ID] : [id, ADMIN_ID];
}

/** What is kept of a key. A random secret of 256 bits needs no slow hash. */
export const hashOfKey = (text: string): Buffer => hash('sha256', text, 'buffer');
