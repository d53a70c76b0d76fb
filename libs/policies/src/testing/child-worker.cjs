'use strict';

/**
 * A worker of the policies in a process of its own, for tests that kill it. Arguments: the database's address, and when
 * it hangs: `before` it sends a command, `after` it has sent one and before that is noted, or `never`. One line on stdout
 * says that it hangs.
 */
require('../../../../infra/scripts/typescript.cjs');

const [, , url, hangs] = process.argv;
require('./child-worker.ts').work(url, hangs);
