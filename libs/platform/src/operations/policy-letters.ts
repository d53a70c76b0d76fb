import type { EventStore } from '@guanxi/event-store';
import { isUuid, notFound } from '@guanxi/kernel';
import type { PolicyLetter, PolicyLetterFilter } from '@guanxi/policies';
import { hasPolicyRetries, parkedCounts, parkedOfPolicies, wantPolicyRetry } from '@guanxi/policies';
import type { Pool } from 'pg';
import { haltedStream } from './halted-stream';
import type { Letter, LetterBox, LetterDetail, LetterFilter, LetterRetried } from './letters';

/** Where they are read. */
export interface PolicyLetterParts {
  readonly pool: Pool;
  readonly store: EventStore;
}

const letterOf = (letter: PolicyLetter): Letter => ({ source: 'policy', ...letter });

/** Keys that policies have set aside: the workers that hold them try them again. */
export class PolicyLetters implements LetterBox {
  readonly source = 'policy';

  constructor(private readonly parts: PolicyLetterParts) {}

  async note(): Promise<string | undefined> {
    if (await hasPolicyRetries(this.parts.pool)) return undefined;
    return 'policies: their keys cannot be told, the database is of an older version; "guanxi migrate" brings it up to date';
  }

  async list(filter: LetterFilter): Promise<readonly Letter[]> {
    return (await this.find(filter)).map(({ letter }) => letterOf(letter));
  }

  async show(filter: LetterFilter, withData: boolean): Promise<readonly LetterDetail[]> {
    const found = await this.find(filter);
    return Promise.all(
      found.map(async ({ letter, ...more }) => ({
        ...{ letter: letterOf(letter), ...more },
        ...(await haltedStream(this.parts.store, letter, withData)),
      })),
    );
  }

  async retry(filter: LetterFilter): Promise<readonly LetterRetried[]> {
    const found = await this.find(filter);
    const meant = meantBy(filter);
    if (meant && found.length > 0) await wantPolicyRetry(this.parts.pool, meant);
    return found.map(({ letter }) => ({ letter: letterOf({ ...letter, isWanted: true }), status: 'asked' }));
  }

  /** @throws DomainError `policy.unknown` */
  private async find(filter: LetterFilter): ReturnType<typeof parkedOfPolicies> {
    const { pool } = this.parts;
    const meant = meantBy(filter);
    if (!meant || !(await hasPolicyRetries(pool))) return [];
    const found = await parkedOfPolicies(pool, meant);
    const { policy } = meant;
    if (policy === undefined || found.length > 0) return found;
    const names = (await parkedCounts(pool)).map((each) => each.policy);
    if (names.includes(policy)) return [];
    const known = names.length === 0 ? 'none has run yet' : `there are ${names.join(', ')}`;
    throw notFound('policy.unknown', `there is no policy ${policy}; ${known}`, { policies: names });
  }
}

function meantBy({ key, policy }: LetterFilter): PolicyLetterFilter | undefined {
  if (key !== undefined && !isUuid(key)) return undefined;
  return { ...(key === undefined ? {} : { key }), ...(policy === undefined ? {} : { policy }) };
}
