import { parseArgs } from 'node:util';

/**
 * How much a run is to do, as its arguments say: `--rounds` and `--events`. Ends the process with 2 where one of them is
 * no whole number.
 * @param {{rounds: string, events: string}} usual what holds where nothing is said
 */
export function sizesOf({ rounds, events }) {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: rounds }, events: { type: 'string', default: events } },
  });
  const number = (name, most) => {
    if (/^[1-9]\d{0,6}$/.test(values[name]) && Number(values[name]) <= most) return Number(values[name]);
    process.stderr.write(`--${name} is a whole number from 1 to ${most}\n`);
    return process.exit(2);
  };
  return { rounds: number('rounds', 99_999), events: number('events', 9_999_999) };
}
