import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const TESTS = ['**/*.test.ts', '**/*.testing.ts', '**/testing/**', 'tests/**'];

/** Settings are parsed once, in a config.ts; everything else is handed them. */
const ENVIRONMENT_MESSAGE = 'Only config.ts reads the environment; take the parsed setting as an argument.';
const noEnvironment = {
  'no-restricted-properties': ['error', { object: 'process', property: 'env', message: ENVIRONMENT_MESSAGE }],
  'no-restricted-imports': [
    'error',
    {
      paths: ['node:process', 'process'].map((name) => ({
        name,
        importNames: ['env', 'default'],
        message: ENVIRONMENT_MESSAGE,
      })),
    },
  ],
};

const namedExports = {
  'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Exports are named.' }],
};

export default defineConfig(
  { ignores: ['**/node_modules/', '.data/', 'coverage/', 'schema/types/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...noEnvironment,
      ...namedExports,
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 250 }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Implementing an asynchronous interface at once is no mistake.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Functions of ours never use `this`.
      '@typescript-eslint/unbound-method': 'off',
      // graphql's enums are compared with the words that its documents use.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
    },
  },
  {
    files: ['**/config.ts', 'gateway.config.ts', 'local/**', 'tools/**', ...TESTS],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' },
  },
  {
    files: [...TESTS, '**/migrations/**', '**/*.lexicon*.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    // Jest and MikroORM ask for these by their default export.
    files: ['tests/setup/global-*.ts', '**/migrations/**'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
