import { PostgresEventStore } from '@guanxi/event-store-postgres';
import { createPool } from '@guanxi/platform';
import { PolicyRunner } from '../runner';
import type { SendCommand } from '../sender';
import { TableClock } from './table-clock';
import { reminders, taskRegistry, taskSender } from './tasks';

/** When the worker stops getting on, as if its machine had died there. */
export type Hangs = 'before' | 'after' | 'never';

/** How many commands are sent before it hangs. */
const SENT_BEFORE = 25;

/** Works on the policies of a database until it is killed. */
export async function work(url: string, hangs: Hangs): Promise<void> {
  const pool = createPool({ url, name: 'child' });
  const store = new PostgresEventStore(pool);
  const send = taskSender(store);
  let begun = 0;
  const hang = async (): Promise<never> => {
    process.stdout.write('hangs\n');
    return new Promise(() => undefined);
  };
  const sendOrHang: SendCommand = async (command) => {
    const isLast = hangs !== 'never' && (begun += 1) > SENT_BEFORE;
    if (isLast && hangs === 'before') await hang();
    await send(command);
    if (isLast) await hang();
  };
  const quiet = { info: () => undefined, warn: () => undefined };
  const runner = new PolicyRunner({
    ...{ pool, store, registry: taskRegistry, policies: [reminders], send: sendOrHang, log: quiet },
    clock: new TableClock(pool),
    leaseTimes: { beatMilliseconds: 50, patienceMilliseconds: 1_000 },
  });
  await runner.start();
}
