const bits = 2 ** 28;
const probes = 7;

/**
 * Remembers in 32 MiB, however many there are, which keys went by. It never forgets one; that it knows a key which it
 * never saw happens to one in ten million at ten million keys.
 */
export class Recall {
  private readonly field = new Uint8Array(bits / 8);

  add(key: string): void {
    const [first, step] = hashes(key);
    for (let probe = 0; probe < probes; probe += 1) {
      const at = place(first, step, probe);
      this.field[at >>> 3] = (this.field[at >>> 3] ?? 0) | (1 << (at & 7));
    }
  }

  has(key: string): boolean {
    const [first, step] = hashes(key);
    for (let probe = 0; probe < probes; probe += 1) {
      const at = place(first, step, probe);
      if (((this.field[at >>> 3] ?? 0) & (1 << (at & 7))) === 0) return false;
    }
    return true;
  }
}

/** Two 32-bit hashes (FNV-1a with two offsets, finished as murmur3 does) make the rest (Kirsch and Mitzenmacher, 2006). */
const hashes = (key: string): readonly [first: number, step: number] => [
  hash(key, 0x811c9dc5),
  hash(key, 0x2f6d3f1f) | 1,
];

const place = (first: number, step: number, probe: number): number =>
  ((first + probe * step) & (bits - 1)) >>> 0;

function hash(key: string, seed: number): number {
  let value = seed;
  for (let at = 0; at < key.length; at += 1) value = Math.imul(value ^ key.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
