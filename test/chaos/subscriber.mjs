/** What the processes that are told of events have in common. */
import { Journal } from './journal.mjs';

/** What a subscriber wants to be right about an event: what the check holds against the log. */
export const eventOf = ({ id, type, subject, position, revision }) => ({
  ...{ id, type, subject, position, revision },
});

/** What it was started with. */
export const { SUBSCRIBER_JOURNAL, SUBSCRIBER_URL, SUBSCRIBER_KEY, SUBSCRIBER_PORT } = process.env;

export const journal = new Journal(SUBSCRIBER_JOURNAL);

/** Ends this process, with a word: something came that may not come, whatever was killed. */
export function fail(word) {
  process.stderr.write(`${word}\n`);
  process.exit(1);
}

// Outlives nobody who started it.
process.stdin.resume().once('end', () => process.exit(0));
