'use strict';

/** Lets a process or a thread load the sources as they are, by the build's own settings: examples, and what tests start. */
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { transformSync } = require('@swc/core');

const ROOT = join(__dirname, '../..');
const { jsc, module: moduleKind } = JSON.parse(readFileSync(join(ROOT, '.swcrc'), 'utf8'));

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    ...{ filename, swcrc: false, module: moduleKind },
    jsc: { ...jsc, baseUrl: ROOT },
  });
  module._compile(code, filename);
};
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...more) {
  const library = /^@guanxi\/([^/]+)$/.exec(request);
  const asked = library ? join(ROOT, 'libs', library[1], 'src/index.ts') : request;
  return resolve.call(this, asked, ...more);
};
require('reflect-metadata');
