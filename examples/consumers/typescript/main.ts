import { consumeInto } from '@guanxi/publishing';
import { Pool } from 'pg';
import { connectionOf, required } from './connection';
import { keepWonDeals, makeTables } from './won-deals';

/** Keeps the tables of won deals in DATABASE_URL until it is told to stop. */
export async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const pool = new Pool({ connectionString: required(env, 'DATABASE_URL'), max: 4 });
  // A connection that breaks while nobody uses it is replaced; without a listener it would end the process.
  pool.on('error', (error) => {
    say(`database: ${error.message}`);
  });
  try {
    await makeTables(pool);
    const consumption = await consumeInto(pool, {
      ...connectionOf(env),
      groupId: env['GROUP_ID'] ?? 'won-deals',
      topics: [env['TOPIC'] ?? 'guanxi.deals'],
      sessionMilliseconds: Number(env['SESSION_MILLISECONDS'] ?? 30_000),
      handle: keepWonDeals,
      log: ({ level, message }) => {
        say(`${level}: ${message}`);
      },
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void consumption.stop());
    }
    await consumption.ended;
  } finally {
    await pool.end();
  }
}
