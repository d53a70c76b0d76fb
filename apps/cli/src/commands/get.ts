import type { Command } from 'commander';
import { moment, pairs } from '../arguments';
import { type Act, serverOf } from '../session';
import { viewOf } from '../show/answer';
import { type AskOptions, ask, withMoments } from './asking';

interface Options extends AskOptions {
  readonly asOf?: string;
  readonly asKnownAt?: string;
}

const MOMENTS = ['from', 'to', 'asOf', 'asKnownAt'];

/** `guanxi get PATH [name=value…]` */
export function getCommand(program: Command, act: Act): void {
  const command = program
    .command('get')
    .description('ask any query by its path, such as complaints or segments/rfm/customers')
    .argument('<path>', 'the path, with or without /v1/')
    .argument('[parameters...]', 'name=value of its parameters');
  withMoments(command).action((path: string, parameters: string[], _options: Options, own: Command) =>
    act((session) => {
      const { asOf, asKnownAt, ...format } = own.optsWithGlobals<Options>();
      const given: Record<string, string> = {};
      for (const [name, value] of Object.entries(pairs(parameters))) {
        given[name] = MOMENTS.includes(name) ? moment(value) : value;
      }
      const moments = {
        ...given,
        asOf: asOf ?? given['asOf'],
        asKnownAt: asKnownAt ?? given['asKnownAt'],
      };
      const whole = `v1/${path.replace(/^\/?(v1\/)?/, '')}`;
      const parameter = /^v1\/events$/.test(whole) ? 'after=' : 'cursor=';
      return ask(serverOf(session), whole, moments, format, (answer) => ({
        ...viewOf(answer),
        next: parameter,
      }));
    }),
  );
}
