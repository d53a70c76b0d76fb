import type { Instant } from '@guanxi/kernel';
import type { DeadLetter, DeadLetterDetail, Retried } from '@guanxi/projections';
import type { PolicyLetter } from '@guanxi/policies';

/** Who sets keys aside. */
export type LetterSource = 'read-model' | 'policy' | 'relay';
export const LETTER_SOURCES: readonly LetterSource[] = ['read-model', 'policy', 'relay'];

/** A key that is not published to Kafka, as the relay told it last. */
export interface RelayLetter {
  /** The key of the messages, which is the stream. */
  readonly key: string;
  readonly stream: string;
  readonly position: string;
  readonly event: { readonly type: string };
  /** What the event could not be told as. */
  readonly contract: string;
  readonly since: Instant;
  /** When it was last tried again because somebody wanted it. */
  readonly triedAt: Instant | null;
  readonly error: string;
  /** Whether somebody wants it tried, and it has not been yet. */
  readonly isWanted: boolean;
}

/** A key that is set aside, with who did so. */
export type Letter =
  | ({ readonly source: 'read-model' } & DeadLetter)
  | ({ readonly source: 'policy' } & PolicyLetter)
  | ({ readonly source: 'relay' } & RelayLetter);

/** All that is known of one. */
export interface LetterDetail extends Omit<DeadLetterDetail, 'letter'> {
  readonly letter: Letter;
}

/** What became of one that is to be tried again; `asked`: whoever set it aside tries it as soon as it can. */
export interface LetterRetried extends Omit<Retried, 'letter' | 'status'> {
  readonly letter: Letter;
  readonly status: Retried['status'] | 'asked';
}

/** Which letters are meant; an absent part means all. A read model or a policy is a source, too. */
export interface LetterFilter {
  readonly source?: LetterSource | undefined;
  readonly model?: string | undefined;
  readonly policy?: string | undefined;
  /** A UUID, or a stream. */
  readonly key?: string | undefined;
}

/** The letters of one source. */
export interface LetterBox {
  readonly source: LetterSource;
  /** What a person should know who reads its list: undefined where it is all there is to say. */
  note(): Promise<string | undefined>;
  /** None for a key that the source cannot have. @throws DomainError for a name that is unknown */
  list(filter: LetterFilter): Promise<readonly Letter[]>;
  /** @param withData also what events say, which is personal data */
  show(filter: LetterFilter, withData: boolean): Promise<readonly LetterDetail[]>;
  retry(filter: LetterFilter): Promise<readonly LetterRetried[]>;
}
