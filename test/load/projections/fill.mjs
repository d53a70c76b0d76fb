import { execute } from '../append/servers.mjs';
import { withoutIndexes } from '../append/stored.mjs';
import { pipelineSql } from './pipeline.sql.mjs';

/** How many events the log of a closed deal has. */
export const EVENTS_A_DEAL = 8;

/** The day on which every log ends: what is generated does not depend on the day of the run. */
const END = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;
const DEALS_A_DAY = 170;
const SHORTEST_DAYS = 365;
/** By so much longer than its events would fill is the time of a log, as deals of the last weeks are still open. */
const UNFINISHED_DAYS = 20;
const CHUNK = 500_000;

/**
 * Fills the empty store of a migrated database with the log of a pipeline, as so many commands would have left it:
 * positions without gaps, times that rise, the events of deals in between each other; `es.head` and the statistics are
 * brought up to date.
 *
 * Deals are opened at one rate, 170 a day (fewer where `count` would not fill a year), and closed after 10 to 70 days:
 * a log ten times as long spans ten times the days, while about 7,000 deals are open at any moment of it. One event in
 * a hundred tells of the past: it corrects what was true weeks ago, or moves an earlier event. The same `count` gives
 * the same events under the same ids (`ids.mjs`) on any machine; the last one is of the last days of 2025.
 *
 * @param {string} url database
 * @param {number} count events to write
 * @returns {Promise<{events: number, deals: number, from: Date, to: Date}>} `to`: a moment after the last event
 */
export async function fillPipeline(url, count) {
  const perDay = Math.max(1, Math.min(DEALS_A_DAY, Math.floor(count / EVENTS_A_DEAL / SHORTEST_DAYS)));
  const days = Math.ceil(count / EVENTS_A_DEAL / perDay) + UNFINISHED_DAYS;
  const start = new Date(END - days * DAY);
  const deals = days * perDay;
  await execute(
    url,
    ...withoutIndexes(pipelineSql({ count, deals, perDay, start, chunk: CHUNK })),
    'vacuum analyze es.events',
    'checkpoint',
  );
  return { events: count, deals, from: start, to: new Date(END) };
}
