const bits = 2 ** 28;
const probes = 7;

/**
 * Remembers in 32 MiB, however many there are, which keys went by. It never forgets one; that it knows a key which it
 * never saw happens to one in ten million at ten million keys.
 */
export class Recall {
  private readonly field = new Uint8Array(bits / 8);

  add(key: string): void {
    for (const at of places(key)) this.field[at >>> 3] = (this.field[at >>> 3] ?? 0) | (1 << (at & 7));
  }

  has(key: string): boolean {
    return places(key).every((at) => ((this.field[at >>> 3] ?? 0) & (1 << (at & 7))) !== 0);
  }
}

/** Two 32-bit hashes (FNV-1a with two offsets, finished as murmur3 does) make the rest (Kirsch and Mitzenmacher, 2006). */
function places(key: string): number[] {
  const first = hash(key, 0x811c9dc5);
  const second = hash(key, 0x2f6d3f1f) | 1;
  return Array.from({ length: probes }, (_, probe) => ((first + probe * second) & (bits - 1)) >>> 0);
}

function hash(key: string, seed: number): number {
  let value = seed;
  for (let at = 0; at < key.length; at += 1) value = Math.imul(value ^ key.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
