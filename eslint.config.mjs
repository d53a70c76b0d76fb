// @ts-check
import tseslint from 'typescript-eslint';

const TESTS = ['**/*.spec.ts', '**/testing/**/*.ts', 'test/**/*.ts'];

/** A decision gets its time, ids and chances as arguments, so that a replay decides the same. */
const hiddenInputs = [
  [
    "MemberExpression[object.name='Date'][property.name='now']",
    'Date.now() is a hidden input: take the time from the meta.',
  ],
  [
    "NewExpression[callee.name='Date'][arguments.length=0]",
    'new Date() is a hidden input: take the time from the meta.',
  ],
  ["CallExpression[callee.name='Date']", 'Date() is a hidden input: take the time from the meta.'],
  [
    "MemberExpression[object.name='performance'][property.name='now']",
    'The clock is a hidden input: take the time from the meta.',
  ],
  [
    "MemberExpression[object.name='process']",
    'The process is a hidden input: take what you need as an argument.',
  ],
  [
    "MemberExpression[object.name='Math'][property.name='random']",
    'Math.random is a hidden input: take the number as an argument.',
  ],
  [
    'MemberExpression[property.name=/^(randomUUID|randomBytes|randomInt|getRandomValues)$/]',
    'Random ids are hidden inputs: take the id as an argument.',
  ],
  [
    'CallExpression[callee.name=/^(randomUUID|randomBytes|randomInt)$/]',
    'Random ids are hidden inputs: take the id as an argument.',
  ],
].map(([selector, message]) => ({ selector, message }));

/** What a script of Node itself finds without an import. */
const nodeGlobals = Object.fromEntries(
  [
    ...['AbortController', 'AbortSignal', 'Buffer', 'TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams'],
    ...['clearInterval', 'clearTimeout', 'console', 'fetch', 'performance', 'process', 'queueMicrotask'],
    ...['setImmediate', 'setInterval', 'setTimeout', 'structuredClone'],
  ].map((name) => [name, 'readonly']),
);

const everywhere = {
  eqeqeq: 'error',
  'no-console': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'object-shorthand': 'error',
  'no-else-return': 'error',
  'no-param-reassign': 'error',
  'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
};

const unused = {
  args: 'after-used',
  argsIgnorePattern: '^_',
  varsIgnorePattern: '^_',
  destructuredArrayIgnorePattern: '^_',
  caughtErrors: 'all',
  caughtErrorsIgnorePattern: '^_',
};

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.guanxi/', 'test/architecture/seeded/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...everywhere,
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/no-unused-vars': ['error', unused],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      // Files with decorators are left alone by the rule: their imports are needed at run time, for injection.
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // An implementation of an asynchronous port may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['libs/kernel/**/*.ts', 'libs/*/src/domain/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-syntax': ['error', ...hiddenInputs],
      // No default that would hide a new event.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: false, allowDefaultCaseForExhaustiveSwitch: false },
      ],
    },
  },
  {
    // The one place where the outside is turned into our types.
    files: ['**/*codec*.ts', '**/codecs/**/*.ts', '**/rows.ts'],
    rules: { '@typescript-eslint/consistent-type-assertions': 'off' },
  },
  {
    files: TESTS,
    rules: {
      'max-lines': 'off',
      // Tests look at answers whose shape is what they are about to check.
      '@typescript-eslint/consistent-type-assertions': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Samples are data: one literal for every event ever written.
    files: ['**/*samples*.ts', '**/samples/**/*.ts', 'examples/**'],
    rules: { 'max-lines': 'off' },
  },

  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: nodeGlobals },
    rules: { ...everywhere, 'no-undef': 'error', 'no-unused-vars': ['error', unused] },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { __dirname: 'readonly', __filename: 'readonly' } },
  },
  {
    // They talk to the person at the terminal.
    files: ['apps/cli/**', 'infra/scripts/**', 'test/load/**', '.ci/**'],
    rules: { 'no-console': 'off' },
  },
);
