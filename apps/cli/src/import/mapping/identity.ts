import { createHash, hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { parse, stringify } from 'uuid';
import type { ImportKind } from '../types';

/** The name space of every imported id. It must never change: a second import would not find its first. */
export const importNamespace = '6dd9b16d-541f-4ffd-bf06-06a864f4d709';

const longestKey = 200;
const rememberedIds = 50_000;

/** Ids and idempotency keys from external keys; equal keys give equal ids, on any machine and in any file. */
export class Identities {
  private readonly ids = new LRUCache<string, string>({ max: rememberedIds });

  /** @param system keeps the keys of one source system apart from equal keys of another */
  constructor(private readonly system: string | undefined) {}

  idOf(kind: ImportKind, externalKey: string): string {
    const name = `${kind}:${this.scoped(externalKey)}`;
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const id = uuidV5(name);
    this.ids.set(owned(name), id);
    return id;
  }

  /** @param part names the second command of a row */
  keyOf(kind: ImportKind, externalKey: string, part?: string): string {
    const name = this.scoped(externalKey);
    const suffix = part === undefined ? '' : `:${part}`;
    const key = `import:${kind}:${name}${suffix}`;
    if (key.length <= longestKey) return key;
    return `import:${kind}:sha256:${createHash('sha256').update(name).digest('hex')}${suffix}`;
  }

  private scoped(externalKey: string): string {
    return this.system === undefined ? externalKey : `${this.system}/${externalKey}`;
  }
}

const namespaceBytes = Buffer.from(parse(importNamespace));

/** Name-based UUID (version 5, RFC 9562 §5.5); the package's own hashes several times as slowly. */
function uuidV5(name: string): string {
  const bytes = hash('sha1', Buffer.concat([namespaceBytes, Buffer.from(name, 'utf8')]), 'buffer');
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return stringify(bytes);
}

/** A copy that does not keep the whole chunk of the file alive of which the text is a slice. */
export const owned = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
