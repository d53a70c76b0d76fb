'use strict';

const { createHash } = require('node:crypto');

/** The counts of faults; all nought where the store keeps its word. */
const noFaults = () => ({
  lost: 0,
  doubled: 0,
  inverted: 0,
  gaps: 0,
  misplaced: 0,
  torn: 0,
  uncalled: 0,
  lies: 0,
});

/**
 * Checks the store's log round by round, each time what came behind what was checked before, and once all of it again:
 * what was right once must stay.
 */
class LogCheck {
  faults = noFaults();
  /** The first faults in words. @type {string[]} */
  words = [];
  /** How many events have been checked, which is the position they reach. */
  position = 0n;
  #ids = new Set();
  #revisions = new Map();
  #recordedAt = '';
  #digest = createHash('sha256');

  /**
   * @param {{readAll: Function, head: Function}} store
   * @param {import('./attempts.cjs').Attempts} attempts what was appended since the last time
   * @returns how many appends were never answered, and how many of those are there
   */
  async check(store, attempts) {
    const found = new Map();
    for await (const page of store.readAll({ after: this.position })) {
      for (const event of page) {
        this.#follows(event);
        if (!attempts.knows(event.id)) this.#fault('uncalled', `nobody appended ${event.id}`);
        found.set(event.id, event);
      }
    }
    const { position } = await store.head();
    if (position !== this.position)
      this.#fault('gaps', `the head is ${position}, the log ends at ${this.position}`);
    for (const append of attempts.of('acknowledged')) this.#isThere(append, found);
    for (const append of attempts.of('refused')) this.#isNotThere(append, found);
    const open = [...attempts.of('under way'), ...attempts.of('unknown')];
    for (const append of open) this.#isWhole(append, found);
    for (const lie of attempts.lies) this.#fault('lies', lie);
    const written = open.filter(({ writes }) => found.has(writes[0][1][0]));
    return { unanswered: open.length, unansweredWritten: written.length };
  }

  /** Reads everything again. Whatever was found before has to be found as it was. */
  async checkAgain(store) {
    const again = createHash('sha256');
    let count = 0n;
    for await (const page of store.readAll({ after: 0n })) {
      for (const event of page) {
        again.update(lineOf(event));
        count += 1n;
      }
    }
    if (count < this.position)
      this.#fault('lost', `${this.position - count} events of earlier rounds are gone`);
    if (again.digest('hex') !== this.#digest.copy().digest('hex'))
      this.#fault('misplaced', 'what was read in earlier rounds is not what is there now');
  }

  get total() {
    return Object.values(this.faults).reduce((sum, count) => sum + count, 0);
  }

  #follows(event) {
    const { id, stream, revision, position, recordedAt } = event;
    if (this.#ids.has(id)) this.#fault('doubled', `${id} is there twice`);
    if (position !== this.position + 1n) this.#fault('gaps', `${position} comes after ${this.position}`);
    const before = this.#revisions.get(stream) ?? -1;
    if (revision !== before + 1) {
      const kind = revision <= before ? 'inverted' : 'gaps';
      this.#fault(kind, `in ${stream}, revision ${revision} comes after ${before}`);
    }
    if (recordedAt < this.#recordedAt)
      this.#fault('inverted', `${recordedAt} comes after ${this.#recordedAt}`);
    this.#ids.add(id);
    this.#revisions.set(stream, revision);
    this.#recordedAt = recordedAt;
    this.position = position;
    this.#digest.update(lineOf(event));
  }

  #isThere({ writes, answer }, found) {
    const events = writes.flatMap(([, ids]) => ids.map((id) => found.get(id)));
    const missing = events.filter((event) => event === undefined).length;
    if (missing > 0) {
      this.#fault(
        'lost',
        `of the append acknowledged at ${answer.position}, ${missing} events are not there`,
        missing,
      );
      return;
    }
    const last = BigInt(answer.position);
    const first = last - BigInt(events.length) + 1n;
    const right =
      events.every(
        ({ position, recordedAt }, at) => position === first + BigInt(at) && recordedAt === answer.recordedAt,
      ) &&
      writes.every(([stream, ids], index) => {
        const { stream: told, revision } = answer.streams[index];
        return (
          told === stream &&
          isRun(
            ids.map((id) => found.get(id)),
            stream,
            revision,
          )
        );
      });
    if (!right) this.#fault('misplaced', `the append acknowledged at ${answer.position} lies elsewhere`);
  }

  #isNotThere({ writes }, found) {
    const there = writes.flatMap(([, ids]) => ids).filter((id) => found.has(id));
    if (there.length > 0) this.#fault('uncalled', `a refused append wrote ${there.join(', ')}`, there.length);
  }

  #isWhole({ writes }, found) {
    const ids = writes.flatMap(([, own]) => own);
    const there = ids.filter((id) => found.has(id)).length;
    if (there !== 0 && there !== ids.length)
      this.#fault('torn', `${there} of ${ids.length} events of an append are there`);
  }

  #fault(kind, words, count = 1) {
    this.faults[kind] += count;
    if (this.words.length < 10) this.words.push(`${kind}: ${words}`);
  }
}

const isRun = (events, stream, last) =>
  events.every((event, at) => event.stream === stream && event.revision === last - (events.length - 1 - at));

const lineOf = ({ id, stream, revision, position, recordedAt, data }) =>
  `${position} ${stream} ${revision} ${id} ${recordedAt} ${JSON.stringify(data)}\n`;

module.exports = { LogCheck };
