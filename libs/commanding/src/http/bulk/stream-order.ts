/** Keeps commands of one stream in order while those of others go on. */
export class StreamOrder {
  private readonly tails = new Map<string, Promise<void>>();

  /**
   * Runs `work` once everything that was given before it to the same stream, or to one that it needs, has ended.
   * Waits on earlier work alone, so that nothing can wait in a circle.
   */
  run<T>(stream: string, needs: readonly string[], work: () => Promise<T>): Promise<T> {
    const before: Promise<void>[] = [];
    for (const name of [stream, ...needs]) {
      const tail = this.tails.get(name);
      if (tail) before.push(tail);
    }
    const result = before.length === 0 ? work() : Promise.all(before).then(work);
    const ended = result.then(nothing, nothing);
    this.tails.set(stream, ended);
    void ended.then(() => {
      if (this.tails.get(stream) === ended) this.tails.delete(stream);
    });
    return result;
  }
}

const nothing = (): void => undefined;
