/** Outlives a run that was killed: once its standard input ends, it ends the broker of the directory given. */
import { stopBroker } from '../../infra/kafka/broker.mjs';

for await (const chunk of process.stdin) void chunk;

await stopBroker(process.argv[2], { now: true });
