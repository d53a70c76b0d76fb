import { StreamOrder } from './stream-order';

describe('the order of commands', () => {
  it('is kept within a stream and towards those that refer to it, and nowhere else', async () => {
    const order = new StreamOrder();
    const done: string[] = [];
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const note = (name: string) => () => {
      done.push(name);
      return Promise.resolve();
    };
    const first = order.run('a', [], async () => {
      await gate;
      done.push('a1');
    });
    const second = order.run('a', [], note('a2'));
    const refers = order.run('b', ['a'], note('b refers to a'));
    await order.run('c', [], note('c'));
    expect(done).toEqual(['c']);
    release();
    await Promise.all([first, second, refers]);
    expect(done).toEqual(['c', 'a1', 'a2', 'b refers to a']);
  });

  it('goes on after one that fails', async () => {
    const order = new StreamOrder();
    const failing = order.run('a', [], () => Promise.reject(new Error('refused')));
    const next = order.run('a', [], () => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('refused');
    await expect(next).resolves.toBe('done');
  });
});
