/**
 * Outlives a test run that was killed: once its standard input ends, it ends the Kafka broker of the directory given,
 * if one still runs, and removes the directory.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopBroker } from '../../infra/kafka/broker.mjs';

const [, , dir] = process.argv;

for await (const chunk of process.stdin) void chunk;

await stopBroker(join(dir, 'broker'), { now: true });
rmSync(dir, { recursive: true, force: true });
