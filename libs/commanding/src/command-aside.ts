import type { Outcome } from '@guanxi/event-store';
import type { CommandMeta } from '@guanxi/kernel';

/** A checked command that is about to be carried out. */
export interface Approaching {
  readonly command: string;
  readonly id: string;
  readonly input: object;
  readonly meta: CommandMeta;
}

/** What stands in one command's answer beside its outcome, and nowhere else: neither in events nor in logs. */
export type Told = Readonly<Record<string, string | null>>;

/**
 * Does beside a command what does not belong into the log, such as keeping a secret that events only name. It comes
 * before the command, which may still be refused: what it leaves must do no harm then.
 */
export interface CommandAside {
  /** @returns what the answer says of it, given what became of the command. @throws DomainError to refuse it */
  before(approaching: Approaching): Promise<((outcome: Outcome) => Told) | undefined>;
}

/** What an aside adds to an outcome. */
export interface Tells {
  readonly tells?: Told;
}

/** Carries a command out with what belongs beside it. */
export async function carryOutBeside(
  aside: CommandAside,
  approaching: Approaching,
  carryOut: () => Promise<Outcome>,
): Promise<Outcome & Tells> {
  const told = await aside.before(approaching);
  const outcome = await carryOut();
  return told && outcome.status === 'accepted' ? { ...outcome, tells: told(outcome) } : outcome;
}
