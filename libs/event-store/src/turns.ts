/** Lets work on one stream wait for the work on it that was begun before. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Runs `work` once all earlier work on any of the streams has ended. Waits on earlier work alone: never in a circle. */
  async take<T>(streams: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = streams.map((stream) => this.last.get(stream)).filter((turn) => turn !== undefined);
    const own = before.length === 0 ? work() : Promise.allSettled(before).then(work);
    for (const stream of streams) this.last.set(stream, own);
    try {
      return await own;
    } finally {
      for (const stream of streams) if (this.last.get(stream) === own) this.last.delete(stream);
    }
  }
}
