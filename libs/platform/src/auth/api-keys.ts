import { timingSafeEqual } from 'node:crypto';
import type { Principal, Role } from '@guanxi/commanding';
import { ROLES } from '@guanxi/commanding';
import { conflict, notFound } from '@guanxi/kernel';
import { LRUCache } from 'lru-cache';
import type { Repository } from 'typeorm';
import { IsNull } from 'typeorm';
import type { ApiKeyRow } from './api-key.row';
import { ADMIN_ID, hashOfKey, idsOf, newKeyId, newKeyText } from './key-format';

/** A key without its secret. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly lastFour: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

/** What a new key is to be. */
export interface NewApiKey {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly expiresAt?: string;
}

/** One tenant for the time being; everything that is stored already says which. */
export const TENANT = 'default';

/** How long another process' revocation may go unnoticed. */
const CACHE_MILLISECONDS = 5_000;
const CACHED_KEYS = 1_000;

/** The keys of callers: hashed, with roles, expiring, revocable. */
export class ApiKeys {
  private readonly cache = new LRUCache<string, { readonly row: ApiKeyRow | null }>({
    max: CACHED_KEYS,
    ttl: CACHE_MILLISECONDS,
  });
  /** Look-ups under way: when a cached key expires, all its callers ask at once. */
  private readonly looking = new Map<string, Promise<ApiKeyRow | null>>();

  constructor(
    private readonly rows: Repository<ApiKeyRow>,
    private readonly clock: () => Date,
  ) {}

  /** Who sends this key; undefined for one that is unknown, revoked or expired. */
  async authenticate(text: string): Promise<Principal | undefined> {
    const hash = hashOfKey(text);
    for (const id of idsOf(text)) {
      const row = await this.find(id);
      if (row && this.isValid(row) && row.hash.length === hash.length && timingSafeEqual(row.hash, hash)) {
        return { actor: `key:${row.id}`, tenant: TENANT, roles: new Set(row.roles) };
      }
    }
    return undefined;
  }

  /** Makes a key; its text is returned here and never again. */
  async create({ name, roles, expiresAt }: NewApiKey): Promise<ApiKey & { readonly key: string }> {
    const id = newKeyId();
    const key = newKeyText(id);
    const row: ApiKeyRow = {
      id,
      name,
      hash: hashOfKey(key),
      roles: [...new Set(roles)],
      lastFour: key.slice(-4),
      createdAt: this.clock(),
      expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
      revokedAt: null,
    };
    await this.rows.insert(row);
    this.forget(id);
    return { ...shown(row), key };
  }

  /** All keys, oldest first. */
  async list(): Promise<readonly ApiKey[]> {
    const rows = await this.rows.find({ order: { createdAt: 'ASC', id: 'ASC' } });
    return rows.map(shown);
  }

  /** Ends a key; a repeat changes nothing. @throws DomainError `api-key.unknown`, `api-key.admin` */
  async revoke(id: string): Promise<ApiKey> {
    if (id === ADMIN_ID) {
      throw conflict(
        'api-key.admin',
        'the admin key is replaced by GUANXI_ADMIN_KEY at the next start, not revoked',
      );
    }
    await this.rows.update({ id, revokedAt: IsNull() }, { revokedAt: this.clock() });
    this.forget(id);
    const row = await this.rows.findOneBy({ id });
    if (row) return shown(row);
    throw notFound('api-key.unknown', `there is no key ${id}`);
  }

  /** Makes `text` the admin key, with every role; whatever it was before is no longer valid. */
  async putAdmin(text: string): Promise<void> {
    const known = await this.rows.findOneBy({ id: ADMIN_ID });
    await this.rows.save({
      id: ADMIN_ID,
      name: ADMIN_ID,
      hash: hashOfKey(text),
      roles: [...ROLES],
      lastFour: text.slice(-4),
      createdAt: known?.createdAt ?? this.clock(),
      expiresAt: null,
      revokedAt: null,
    });
    this.forget(ADMIN_ID);
  }

  /** True once an admin key is on record. */
  hasAdmin(): Promise<boolean> {
    return this.rows.existsBy({ id: ADMIN_ID });
  }

  private async find(id: string): Promise<ApiKeyRow | null> {
    const cached = this.cache.get(id);
    if (cached) return cached.row;
    const known = this.looking.get(id);
    if (known) return known;
    const looking = this.lookUp(id);
    this.looking.set(id, looking);
    try {
      const row = await looking;
      // What was changed in the meantime was forgotten by `forget`: this answer may be older than the change.
      if (this.looking.get(id) === looking) this.cache.set(id, { row });
      return row;
    } finally {
      if (this.looking.get(id) === looking) this.looking.delete(id);
    }
  }

  private lookUp(id: string): Promise<ApiKeyRow | null> {
    return this.rows.findOneBy({ id });
  }

  private forget(id: string): void {
    this.cache.delete(id);
    this.looking.delete(id);
  }

  private isValid({ revokedAt, expiresAt }: ApiKeyRow): boolean {
    return revokedAt === null && (expiresAt === null || expiresAt > this.clock());
  }
}

const shown = ({ id, name, roles, lastFour, createdAt, expiresAt, revokedAt }: ApiKeyRow): ApiKey => ({
  id,
  name,
  roles,
  lastFour,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  revokedAt: revokedAt?.toISOString() ?? null,
});
