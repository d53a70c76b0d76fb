/**
 * Passes on what a source yields; after a value of which more can be expected, the next one is asked for while this one
 * is worked on.
 */
export async function* readAhead<T>(
  source: AsyncIterable<T>,
  isMoreExpected: (value: T) => boolean,
): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    for (;;) {
      const result = await next;
      if (result.done) return;
      const { value } = result;
      const ahead = isMoreExpected(value) ? iterator.next() : undefined;
      // A failure is told when its turn comes; until then nobody waits for it.
      ahead?.catch(() => undefined);
      yield value;
      next = ahead ?? iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}
