'use strict';

/**
 * A worker of the webhooks in a process of its own, for tests that kill it. Argument: the address of the database. One
 * line on stdout says that it works.
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
const [, , url] = process.argv;
require(join(dirname(__filename), 'child-worker.ts')).work(url);
