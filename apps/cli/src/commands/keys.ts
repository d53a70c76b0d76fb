import type { Command } from 'commander';
import { moment } from '../arguments';
import { type Act, serverOf } from '../session';
import { column, table } from '../show/table';

const columns = [
  column('id'),
  column('name'),
  column('roles'),
  column('lastFour', 'ends in'),
  column('createdAt', 'made', 'day'),
  column('expiresAt', 'expires', 'day'),
  column('revokedAt', 'revoked', 'day'),
];

/** `guanxi keys create|list|revoke` */
export function keysCommand(program: Command, act: Act): void {
  const keys = program.command('keys').description('API keys: make, list, revoke');
  keys
    .command('create')
    .description('make a key; its secret is shown this once')
    .argument('<name>', 'what it is for')
    .requiredOption(
      '--roles <roles>',
      'what it may do, between commas: send, read, audit, steer, privacy, operate',
    )
    .option('--expires-at <moment>', 'until when it holds (RFC 3339, or a day)', moment)
    .action((name: string, { roles, expiresAt }: { readonly roles: string; readonly expiresAt?: string }) =>
      act(async (session) => {
        const body = {
          name,
          roles: roles.split(',').map((role) => role.trim()),
          ...(expiresAt ? { expiresAt } : {}),
        };
        const made = await serverOf(session).post('v1/api-keys', body);
        const { key, ...rest } = made;
        return {
          json: made,
          text: `${table([rest], columns)}\n\n${String(key)}\nKeep it now: it is not shown again.`,
        };
      }),
    );
  keys
    .command('list')
    .description('all keys, without their secrets')
    .action(() =>
      act(async (session) => {
        const answer = await serverOf(session).get('v1/api-keys');
        const items: readonly unknown[] = Array.isArray(answer['items']) ? answer['items'] : [];
        return { json: answer, text: table(items, columns) };
      }),
    );
  keys
    .command('revoke')
    .description('end a key')
    .argument('<id>', 'its id')
    .action((id: string) =>
      act(async (session) => {
        const revoked = await serverOf(session).post(`v1/api-keys/${encodeURIComponent(id)}/revoke`, {});
        return { json: revoked, text: table([revoked], columns) };
      }),
    );
}
