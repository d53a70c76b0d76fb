'use strict';

/**
 * Holds what a consumer was told against the log and the contracts: each event of a published contract once, under the
 * key of its stream, in the order of the log and in one partition, and nothing else.
 */
class ToldCheck {
  #found = new Map();
  #partitions = new Map();
  #scattered = new Set();

  /** @param {string} topic @param {number} partition @param {{key: Buffer, headers: Record<string, Buffer>}} message */
  hear(topic, partition, { key, headers }) {
    const place = `${topic} ${key}`;
    // Of its id the part that is the event's own.
    const [id] = String(headers.ce_id).split('.');
    const told = [id, headers.ce_type, headers['guanxi-position'], headers.ce_revision].join(' ');
    if (!this.#found.has(place)) this.#found.set(place, []);
    this.#found.get(place).push(told);
    if ((this.#partitions.get(place) ?? partition) !== partition) this.#scattered.add(place);
    this.#partitions.set(place, partition);
  }

  /**
   * @param {readonly {stream: string, type: string, id: string, revision: number, position: string}[]} log in order
   * @param {readonly {contract: string, topic: string}[]} contracts
   */
  against(log, contracts) {
    const wanted = wantedOf(log, contracts);
    const words = [...this.#scattered].map((place) => `${place} is in several partitions`);
    const sums = { keys: wanted.size, public: 0, missing: 0, doubled: 0, unknown: 0, disordered: 0 };
    for (const place of new Set([...wanted.keys(), ...this.#found.keys()])) {
      const [expected, told] = [wanted.get(place) ?? [], this.#found.get(place) ?? []];
      const [expectedOnce, toldOnce] = [new Set(expected), new Set(told)];
      const inOrder = expected.filter((each) => toldOnce.has(each));
      // With doubles too the order is that of the first time.
      const both = [...toldOnce].filter((each) => expectedOnce.has(each));
      sums.public += expected.length;
      sums.missing += expected.length - inOrder.length;
      sums.doubled += told.length - toldOnce.size;
      sums.unknown += toldOnce.size - both.length;
      if (both.some((each, index) => each !== inOrder[index])) sums.disordered += 1;
      if (words.length < 10 && expected.join('\n') !== told.join('\n'))
        words.push(`${place}: wanted ${expected.join(', ')}; there is ${told.join(', ')}`);
    }
    return { ...sums, words };
  }
}

/** What has to be told of the log: by topic and key, in order. */
function wantedOf(log, contracts) {
  const wanted = new Map();
  for (const { stream, type, id, revision, position } of log) {
    for (const { contract, topic } of contracts.filter((each) => each.contract === type)) {
      const place = `${topic} ${stream}`;
      if (!wanted.has(place)) wanted.set(place, []);
      wanted.get(place).push([id, `guanxi.${contract}`, position, revision].join(' '));
    }
  }
  return wanted;
}

module.exports = { ToldCheck };
