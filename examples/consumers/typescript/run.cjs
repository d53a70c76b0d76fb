'use strict';

/** Runs the example from its sources: TypeScript is compiled as it is loaded, as the project's build would do it. */
require('../../../infra/scripts/typescript.cjs');
require('./main.ts')
  .main(process.env)
  .catch((error) => {
    process.stderr.write(`${error.name}: ${error.message}\n`);
    process.exitCode = 1;
  });
