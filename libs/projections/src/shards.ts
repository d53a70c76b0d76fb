/** The shard of a key among so many: the same on every machine, for ever. FNV-1a over the key's characters. */
export function shardOf(key: string, shards: number): number {
  if (shards === 1) return 0;
  let sum = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) sum = Math.imul(sum ^ key.charCodeAt(at), 0x01000193);
  // The low bits of the sum depend on few characters only.
  sum ^= sum >>> 15;
  return (sum >>> 0) % shards;
}
