import { isRecord } from './import/types';

/** The command was used in a way that it does not know: exit code 2. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse';
}

/** What was asked for could not be done: exit code 1. `code` names the rule, the message says what to do. */
export class Failure extends Error {
  override readonly name: string = 'Failure';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** One broken rule of the input. */
export interface BrokenRule {
  readonly field: string;
  readonly rule: string;
  readonly message: string;
}

/** The server's refusal (RFC 9457), with every rule that it names. */
export class Refusal extends Failure {
  override readonly name = 'Refusal';

  constructor(readonly problem: Readonly<Record<string, unknown>>) {
    super(text(problem['code']) ?? 'refused', text(problem['detail']) ?? text(problem['title']) ?? 'refused');
  }

  get status(): number {
    const { status } = this.problem;
    return typeof status === 'number' ? status : 0;
  }

  /** Rules of form that the input breaks. */
  get errors(): readonly BrokenRule[] {
    const { errors } = this.problem;
    return (Array.isArray(errors) ? errors : []).filter(isRecord).map((error) => ({
      field: text(error['field']) ?? text(error['pointer']) ?? '',
      rule: text(error['rule']) ?? '',
      message: text(error['message']) ?? '',
    }));
  }

  /** Rules of the business that are not met yet, by name. */
  get missing(): readonly string[] {
    const { facts } = this.problem;
    const missing = isRecord(facts) ? facts['missing'] : undefined;
    return Array.isArray(missing) ? missing.filter((rule) => typeof rule === 'string') : [];
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
