'use strict';

/** What an appender said it did: each append with what it was told. */
class Attempts {
  /** @type {Map<number, {own: boolean, writes: [string, string[]][], state: string, answer?: object}>} */
  #sent = new Map();
  #ids = new Set();
  acknowledged = 0;
  acknowledgedEvents = 0;
  failures = 0;
  /** Answers that no caller should get. @type {string[]} */
  lies = [];

  /** @param {string} line */
  hear(line) {
    const said = JSON.parse(line);
    if (said.sent !== undefined) {
      this.#sent.set(said.sent, { own: said.own, writes: said.writes, state: 'under way' });
      for (const [, ids] of said.writes) for (const id of ids) this.#ids.add(id);
    } else if (said.acknowledged !== undefined) this.#acknowledge(said);
    else if (said.refused !== undefined) this.#refuse(said.refused);
    else this.#fail(said);
  }

  /** Appends that nobody was told about: they may be there, whole, or not. */
  get open() {
    return this.of('under way').length + this.of('unknown').length;
  }

  of(state) {
    return [...this.#sent.values()].filter((append) => append.state === state);
  }

  knows(id) {
    return this.#ids.has(id);
  }

  #acknowledge(answer) {
    const append = this.#sent.get(answer.acknowledged);
    Object.assign(append, { state: 'acknowledged', answer });
    this.acknowledged += 1;
    this.acknowledgedEvents += append.writes.reduce((sum, [, ids]) => sum + ids.length, 0);
  }

  #refuse(n) {
    const append = this.#sent.get(n);
    append.state = 'refused';
    if (append.own) this.lies.push(`an append to streams of which nothing else was expected was refused`);
  }

  #fail({ failed, code, message }) {
    this.failures += 1;
    const append = this.#sent.get(failed);
    if (append.state === 'under way') append.state = 'unknown';
    if (code !== 'event-store.unavailable') this.lies.push(`an append failed with ${code}: ${message}`);
  }
}

module.exports = { Attempts };
