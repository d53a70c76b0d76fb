'use strict';

/** Runs the example from its sources: TypeScript is compiled as it is loaded, as the project's build would do it. */
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { transformSync } = require('@swc/core');

const root = join(__dirname, '../../..');
const { jsc, module: kind } = JSON.parse(readFileSync(join(root, '.swcrc'), 'utf8'));
require.extensions['.ts'] = (module, filename) => {
  const options = { filename, swcrc: false, jsc: { ...jsc, baseUrl: root, paths: undefined }, module: kind };
  module._compile(transformSync(readFileSync(filename, 'utf8'), options).code, filename);
};
const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => {
  const alias = /^@guanxi\/([^/]+)$/.exec(request);
  return resolve(alias ? join(root, 'libs', alias[1], 'src/index.ts') : request, ...rest);
};

require('./main.ts')
  .main(process.env)
  .catch((error) => {
    process.stderr.write(`${error.name}: ${error.message}\n`);
    process.exitCode = 1;
  });
