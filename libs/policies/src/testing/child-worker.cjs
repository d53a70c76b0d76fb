'use strict';

/**
 * A worker of the policies in a process of its own, for tests that kill it. Arguments: the database's address, and when
 * it hangs: `before` it sends a command, `after` it has sent one and before that is noted, or `never`. One line on stdout
 * says that it hangs.
 */
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const Module = require('node:module');
const { transformSync } = require('@swc/core');

const root = join(__dirname, '../../../..');
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

require('reflect-metadata');
const [, , url, hangs] = process.argv;
require(join(dirname(__filename), 'child-worker.ts')).work(url, hangs);
