import {
  closeSync,
  fdatasyncSync,
  ftruncateSync,
  fstatSync,
  openSync,
  readSync,
  writeFileSync,
} from 'node:fs';

const NEWLINE = '\n'.charCodeAt(0);

/**
 * What a subscriber has had: a file that is only ever added to, a record a line. A record is there whole or not at all:
 * what a kill left of one is cut off when the file is opened again.
 */
export class Journal {
  #file;
  /** The last record, as it was when the journal was opened. @type {object | undefined} */
  last;

  /** @param {string} path made where it is not there */
  constructor(path) {
    this.#file = openSync(path, 'a+');
    const text = readFrom(this.#file, 0);
    const end = text.lastIndexOf(NEWLINE) + 1;
    ftruncateSync(this.#file, end);
    const begin = text.lastIndexOf(NEWLINE, end - 2) + 1;
    if (end > 0) this.last = JSON.parse(text.toString('utf8', begin, end));
  }

  /** Adds a record; when this returns, it is on the disk. @param {object} record */
  keep(record) {
    writeFileSync(this.#file, `${JSON.stringify(record)}\n`);
    fdatasyncSync(this.#file);
  }
}

/** Reads along in another process's journal. */
export class JournalTail {
  #path;
  #offset = 0;

  /** @param {string} path of a file that is there */
  constructor(path) {
    this.#path = path;
  }

  /** Records that were added since the last call. @returns {object[]} */
  more() {
    const file = openSync(this.#path, 'r');
    try {
      const text = readFrom(file, this.#offset);
      // What is not whole yet may still be cut off.
      const end = text.lastIndexOf(NEWLINE) + 1;
      this.#offset += end;
      const lines = text.toString('utf8', 0, end).split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
    } finally {
      closeSync(file);
    }
  }
}

function readFrom(file, offset) {
  const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - offset));
  let read = 0;
  while (read < bytes.length) {
    const some = readSync(file, bytes, read, bytes.length - read, offset + read);
    if (some === 0) break;
    read += some;
  }
  return bytes.subarray(0, read);
}
