import { createHash, randomUUID } from 'node:crypto';
import { closedLoop } from '../closed-loop.mjs';
import { CANDIDATES } from './candidates.mjs';
import { serveJobs } from './jobs.mjs';
import { sample } from './sample.mjs';

/** One candidate in a process of its own: none has another one's garbage to collect. */
const [name, url, options] = process.argv.slice(2);
const candidate = await CANDIDATES[name](url, JSON.parse(options));

/** Streams that exist, by name, with the revision of their last event. */
let existing = [];

const KINDS = {
  new: () => {
    const run = randomUUID();
    let made = 0;
    return () => candidate.append(`account-${run}-${(made += 1)}`, -1, sample());
  },
  /** Each caller has streams of its own, so that it knows their revisions. */
  existing: (concurrency) => {
    const each = Math.floor(existing.length / concurrency);
    const next = Array.from({ length: concurrency }, () => 0);
    return async (caller) => {
      const stream = existing[caller * each + (next[caller] % each)];
      next[caller] += 1;
      await candidate.append(stream.name, stream.revision, sample());
      stream.revision += 1;
    };
  },
};

const JOBS = {
  /** Makes streams that exist. */
  async seed({ streams }) {
    existing = Array.from({ length: streams }, () => ({ name: `seeded-${randomUUID()}`, revision: 0 }));
    const left = existing.values();
    const write = async () => {
      for (const { name: stream } of left) await candidate.append(stream, -1, sample());
    };
    await Promise.all(Array.from({ length: 64 }, write));
  },
  /** Takes some of the streams that `fill` has made, spread over all of them; their names are in no order. */
  async adopt({ streams, of, revision }) {
    existing = Array.from({ length: streams }, (_, index) => ({
      name: filledStream(Math.floor((index * of) / streams)),
      revision,
    }));
  },
  round: ({ kind, concurrency, ...times }) => closedLoop(KINDS[kind](concurrency), { concurrency, ...times }),
  close: () => candidate.close(),
};

/** The name that SQL gives to the stream of a number. */
const filledStream = (number) => `account-${createHash('md5').update(String(number)).digest('hex')}`;

serveJobs(JOBS);
