import type { PoolClient } from 'pg';

/** A statement with its parameters. */
export interface Statement {
  /** Set to have it prepared once for the connection: not where its plan depends on how full a table is. */
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
}

/** A statement that is made when its turn comes near; none when there is nothing to do. */
export type MadeStatement = () => Statement | undefined;

/**
 * Carries out statements one after the other. Each is made while the server is busy with the one before: making one for
 * thousands of rows takes this process as long as carrying it out takes the server.
 * @throws what the first that fails throws, or fails to be made; none is under way then
 */
export async function inTurn(client: PoolClient, statements: readonly MadeStatement[]): Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve();
  try {
    for (const make of statements) {
      const statement = make();
      if (!statement) continue;
      await underWay;
      underWay = client.query(statement);
    }
  } finally {
    await underWay;
  }
}
