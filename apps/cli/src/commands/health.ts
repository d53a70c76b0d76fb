import type { Command } from 'commander';
import type { Act } from '../session';
import type { Check } from '../health/check';

/** `guanxi health`, also known as `guanxi doctor` */
export function healthCommand(program: Command, act: Act): void {
  program
    .command('health')
    .alias('doctor')
    .description('look at what the product needs and how it is doing; each line says what to do')
    .action(() =>
      act(async ({ env }) => {
        const { allChecks } = await import('../health/checks');
        const checks = await allChecks(env);
        const ok = checks.every((check) => check.ok);
        return { json: { ok, checks }, text: checks.map(line).join('\n'), failed: !ok };
      }),
    );
}

const line = ({ name, ok, detail, advice }: Check): string =>
  `${ok ? 'ok    ' : 'not ok'}  ${name}: ${detail}${advice === undefined ? '' : `\n        ${advice}`}`;
