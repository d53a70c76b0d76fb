import { OrderedAnswers } from './ordered-answers';

describe('answers', () => {
  it('leave in the order of their questions, those that are ready together', async () => {
    const pieces: string[] = [];
    const answers = new OrderedAnswers(10, (piece) => {
      pieces.push(piece);
      return undefined;
    });
    const [one, two, three] = [answers.ask(), answers.ask(), answers.ask()];
    answers.answer(three, '3');
    answers.answer(two, '2');
    answers.answer(one, '1');
    await answers.ended();
    expect(pieces).toEqual(['123']);
  });

  it('let in no more than the window, and wait for a slow reader', async () => {
    let read: () => void = () => undefined;
    const answers = new OrderedAnswers(2, () => new Promise<void>((resolve) => (read = resolve)));
    const [one, two] = [answers.ask(), answers.ask()];
    answers.answer(one, '1');
    let roomy = false;
    const room = answers.room()?.then(() => (roomy = true));
    expect(room).toBeDefined();
    await new Promise((resolve) => setImmediate(resolve));
    expect(roomy).toBe(false);
    read();
    await room;
    expect(answers.room()).toBeUndefined();
    answers.answer(two, '2');
    await new Promise((resolve) => setImmediate(resolve));
    read();
    await answers.ended();
  });
});
