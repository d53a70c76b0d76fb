import { connect } from './world';

/** Delivers for the webhooks of a database until it is killed; one line on stdout says that it has begun. */
export function work(url: string): void {
  connect(url).world.worker();
  process.stdout.write('works\n');
}
