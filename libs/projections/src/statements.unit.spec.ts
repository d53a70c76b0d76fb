import type { PoolClient } from 'pg';
import { inTurn } from './statements';

const statement = (text: string) => ({ text, values: [] });

/** A server that notes what it is told and when it has done it. */
function server(notes: string[], refused?: string): PoolClient {
  const query = async ({ text }: { text: string }): Promise<void> => {
    notes.push(`${text} begun`);
    await new Promise((resolve) => setImmediate(resolve));
    notes.push(`${text} done`);
    if (text === refused) throw new Error(`${text} refused`);
  };
  return { query } as unknown as PoolClient;
}

describe('statements in turn', () => {
  it('are made while the one before is carried out, and never overlap', async () => {
    const notes: string[] = [];
    const making = (text: string) => () => {
      notes.push(`${text} made`);
      return statement(text);
    };
    await inTurn(server(notes), [making('a'), () => undefined, making('b')]);
    expect(notes).toEqual(['a made', 'a begun', 'b made', 'a done', 'b begun', 'b done']);
  });

  it('end with the first that is refused', async () => {
    const notes: string[] = [];
    const all = ['a', 'b', 'c'].map((text) => () => statement(text));
    await expect(inTurn(server(notes, 'b'), all)).rejects.toThrow('b refused');
    expect(notes).not.toContain('c begun');
  });

  it('have nothing under way when one cannot be made', async () => {
    const notes: string[] = [];
    const failing = (): never => {
      throw new Error('no such value');
    };
    await expect(inTurn(server(notes), [() => statement('a'), failing])).rejects.toThrow('no such value');
    expect(notes).toEqual(['a begun', 'a done']);
  });
});
