/** What became of a try, as it is counted. */
export type Outcome = 'delivered' | 'failed' | 'gone' | 'untold';

/** Gets told what a worker of the webhooks does, for measuring; it must neither throw nor take long. */
export interface WebhookObserver {
  tried(webhook: string, outcome: Outcome, seconds: number): void;
}
