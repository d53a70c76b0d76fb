/** One wrong variable. The rule never repeats the value, which may be a secret. */
export interface ConfigProblem {
  readonly variable: string;
  readonly rule: string;
}

/** The environment is wrong: the message has one line for each variable, with its rule. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(problems.map(({ variable, rule }) => `${variable} ${rule}`).join('\n'));
  }
}
