import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Something was sealed with another key, or is not what was sealed. */
export class CannotUnseal extends Error {
  override readonly name = 'CannotUnseal';
}

/** Seals small secrets with AES-256-GCM under one key, each bound to what it belongs to. */
export class Sealer {
  /** Tells keys apart without telling what they are. */
  readonly keyId: string;

  /** @param key 32 bytes */
  constructor(private readonly key: Buffer) {
    if (key.length !== 32) throw new Error('a sealing key has 32 bytes');
    this.keyId = createHash('sha256').update('guanxi key id\u001f').update(key).digest('hex').slice(0, 16);
  }

  /** @param about what the secret belongs to; unsealing it as anything else fails */
  seal(secret: Buffer, about: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(about));
    const body = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]);
  }

  /** @throws CannotUnseal */
  unseal(sealed: Buffer, about: string): Buffer {
    try {
      const iv = sealed.subarray(0, IV_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', this.key, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(about));
      decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    } catch (error) {
      throw new CannotUnseal('a secret cannot be unsealed: it was sealed with another key, or was changed', {
        cause: error,
      });
    }
  }
}
