import type { Role } from '@guanxi/commanding';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A key as it is kept: of the secret itself there is only a hash. */
@Entity({ name: 'api_keys' })
export class ApiKeyRow {
  @PrimaryColumn({ type: 'text' })
  id = '';

  @Column({ type: 'text' })
  name = '';

  /** SHA-256 of the whole key. */
  @Column({ type: 'bytea' })
  hash: Buffer = Buffer.alloc(0);

  @Column({ type: 'text', array: true })
  roles: Role[] = [];

  /** The key's last four characters, to tell keys apart. */
  @Column({ type: 'text', name: 'last_four' })
  lastFour = '';

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date = new Date(0);

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt: Date | null = null;

  @Column({ type: 'timestamptz', name: 'revoked_at', nullable: true })
  revokedAt: Date | null = null;
}
