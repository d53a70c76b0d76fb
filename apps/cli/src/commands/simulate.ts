import type { Command } from 'commander';
import { moment, whole } from '../arguments';
import { Client } from '../client/client';
import { serverSettings } from '../client/settings';
import { WrongUse } from '../failures';
import type { Act } from '../session';
import { countedInWords, untilCounted } from './counted';

interface Options {
  readonly seed: string;
  readonly years: number;
  readonly until?: string;
  readonly url?: string;
}

/** `guanxi simulate --seed N --years N` */
export function simulateCommand(program: Command, act: Act): void {
  program
    .command('simulate')
    .description(
      'write the life of an invented company into a running server; same seed and end, same commands',
    )
    .option('--seed <text>', 'which company', '1')
    .option('--years <n>', 'how many years', whole(1, 20), 2)
    .option('--until <moment>', 'when it ends (RFC 3339, or a day); today at midnight UTC', moment)
    .option('--url <url>', 'the server, instead of GUANXI_URL')
    .action(({ seed, years, until, url }: Options) =>
      act(async ({ env, screen, interruption }) => {
        const { fill } = await import('../simulate/fill');
        const settings = serverSettings(url === undefined ? env : { ...env, GUANXI_URL: url });
        const signal = interruption();
        const summary = await fill({ seed, years, until: endOf(until) }, settings, { screen, signal });
        const { commands, accepted, unchanged, refused, seconds } = summary;
        const client = new Client(settings);
        const counted = await untilCounted(() => client.readiness(), { screen, signal });
        return {
          json: { ...summary, ...counted },
          text: `${String(commands)} commands: ${String(accepted)} accepted, ${String(unchanged)} unchanged, ${String(refused)} refused, in ${seconds.toFixed(1)} s${countedInWords(counted)}`,
          failed: refused > 0,
        };
      }),
    );
}

/** The end of a simulation in epoch milliseconds; today at midnight UTC where nothing is said. @throws WrongUse */
export function endOf(until: string | undefined): number {
  const now = Date.now();
  const end = until === undefined ? now - (now % 86_400_000) : Date.parse(until);
  if (Number.isNaN(end)) throw new WrongUse('--until must be an RFC 3339 date-time, or a day');
  if (end > now) throw new WrongUse('--until must not lie in the future');
  return end;
}
