'use strict';

/**
 * Starts the embedded PostgreSQL in a process of its own, for tests that kill that process or run it as another user.
 * Argument: the options as JSON, with `ignoreSigint` beside them. One JSON line on stdout says what started or what
 * failed; `exit` on stdin ends the process without stopping the server, the end of stdin stops it.
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  module._compile(code, filename);
};

const { startEmbeddedPostgres } = require(join(__dirname, '../embedded-postgres/embedded-postgres.ts'));

const { ignoreSigint, ...options } = JSON.parse(process.argv[2]);
if (ignoreSigint) process.on('SIGINT', () => undefined);
const lines = [];
const say = (value) => process.stdout.write(`${JSON.stringify({ ...value, lines })}\n`);

startEmbeddedPostgres({ ...options, log: (line) => lines.push(line) }).then(
  ({ stop, ...started }) => {
    say({ started });
    process.stdin.on('data', (text) => {
      if (String(text).includes('exit')) process.exit(0);
    });
    process.stdin.on('end', () => {
      void stop();
    });
  },
  (error) => {
    say({ failed: { code: error.code, message: error.message } });
    process.exitCode = 1;
  },
);
