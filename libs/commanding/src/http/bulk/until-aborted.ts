/** What an iterable yields until the signal aborts; then it ends, also in the middle of a wait. */
export async function* untilAborted<T>(values: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted');
    else {
      signal.addEventListener(
        'abort',
        () => {
          resolve('aborted');
        },
        { once: true },
      );
    }
  });
  const iterator = values[Symbol.asyncIterator]();
  for (;;) {
    const next = iterator.next();
    const result = await Promise.race([next, aborted]);
    if (result === 'aborted') {
      next.catch(() => undefined);
      return;
    }
    if (result.done) return;
    yield result.value;
  }
}
