'use strict';

/**
 * Runs a TypeScript file with the build's own settings, for processes that a test starts:
 *
 *   node run-typescript.cjs <file>
 */
require('../../../infra/scripts/typescript.cjs');
require(process.argv[2]);
