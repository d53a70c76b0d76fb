'use strict';

/**
 * Runs a TypeScript file with the build's own settings, for processes that a test starts:
 *
 *   node run-typescript.cjs <file>
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { transformSync } = require('@swc/core');

const ROOT = join(__dirname, '../../..');
const { jsc, module: moduleKind } = JSON.parse(readFileSync(join(ROOT, '.swcrc'), 'utf8'));

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    jsc: { ...jsc, baseUrl: ROOT },
    module: moduleKind,
    sourceMaps: 'inline',
  });
  module._compile(code, filename);
};

require('reflect-metadata');
require(process.argv[2]);
