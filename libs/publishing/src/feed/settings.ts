/** Limits and rhythms of the feed. */
export interface FeedSettings {
  /** A comment after so much silence, so that readers and what lies between know that the feed lives. */
  readonly heartbeatMilliseconds: number;
  /** When a reader whose feed broke off should come again. */
  readonly retryMilliseconds: number;
  /** A reader that takes nothing for so long is cut off. */
  readonly stallMilliseconds: number;
  /** A reader that takes nothing for so long holds neither a page nor a place among those who catch up. */
  readonly restMilliseconds: number;
  /** A reader that takes nothing for so long while others wait lets them by, and comes behind them. */
  readonly yieldMilliseconds: number;
  /** How often is looked whether the reader's key still is one. */
  readonly accessMilliseconds: number;
  /** Feeds that may be open at a time, long polls among them. */
  readonly mostOpen: number;
  /** Readers that may read the log at a time because they are behind. */
  readonly mostCatchingUp: number;
  /** Events that are read from the log at a time. */
  readonly pageEvents: number;
  /** Bytes that are handed to a connection at a time; one message more than that goes alone. */
  readonly pieceBytes: number;
  /** Bytes of the latest messages that are kept for all who read along. */
  readonly tailBytes: number;
  /** After an announcement, what comes within this time is announced together. */
  readonly gatherMilliseconds: number;
  /** How long the log is still followed after the last reader has gone. */
  readonly lingerMilliseconds: number;
  /** How long readers may take to hear that the server stops. */
  readonly closeMilliseconds: number;
}

/** What the product runs with. */
export const FEED_SETTINGS: FeedSettings = {
  heartbeatMilliseconds: 15_000,
  retryMilliseconds: 3_000,
  stallMilliseconds: 180_000,
  restMilliseconds: 1_000,
  yieldMilliseconds: 20,
  accessMilliseconds: 5_000,
  mostOpen: 2_000,
  mostCatchingUp: 4,
  pageEvents: 250,
  pieceBytes: 65_536,
  tailBytes: 16_000_000,
  gatherMilliseconds: 10,
  lingerMilliseconds: 30_000,
  closeMilliseconds: 2_000,
};
