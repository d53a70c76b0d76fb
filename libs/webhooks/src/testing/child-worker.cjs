'use strict';

/**
 * A worker of the webhooks in a process of its own, for tests that kill it. Argument: the address of the database. One
 * line on stdout says that it works.
 */
require('../../../../infra/scripts/typescript.cjs');

const [, , url] = process.argv;
require('./child-worker.ts').work(url);
