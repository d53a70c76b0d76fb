import { closedLoop } from '../closed-loop.mjs';
import { Connection } from './connection.mjs';

/** The caller's side, in a process of its own: registers customers, each a new stream. */
const [address, key] = process.argv.slice(2);
const url = new URL('/v1/customers', address);

const bodyOf = (number) =>
  JSON.stringify({
    name: `Customer ${number}`,
    kind: 'end',
    industry: 'Retail',
    region: 'North',
    sizeBand: '50-249',
    language: 'en',
    externalRef: `bench-${number}`,
  });

let made = 0;

process.on('message', async ({ concurrency, ...times }) => {
  const connections = [];
  try {
    for (let index = 0; index < concurrency; index += 1) connections.push(await Connection.open(url, key));
    const post = (caller) => connections[caller].post(bodyOf((made += 1)));
    process.send({ result: await closedLoop(post, { concurrency, ...times }) });
  } catch (error) {
    process.send({ error: error.stack ?? String(error) });
  } finally {
    for (const connection of connections) connection.close();
  }
});
process.send({ result: 'ready' });
