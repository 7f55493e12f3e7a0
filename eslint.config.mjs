import { defineConfig } from 'eslint/config';
import importX from 'eslint-plugin-import-x';
import jsxA11y from 'eslint-plugin-jsx-a11y';

import baseConfig from './.config/eslint.config.mjs';

const typescript = ['**/*.{ts,tsx}'];

export default defineConfig([
  {
    ignores: [
      '**/node_modules/',
      '**/dist/',
      '**/coverage',
      '**/artifacts/',
      '.config/',
      '.data/',
      '.docs-env/',
      '.engines/',
      '.tests/',
      'site/',
      'test-results/',
      'playwright-report/',
    ],
  },
  ...baseConfig,
  // Prettier does it; Grafana's preset gives the rule an option that is deprecated.
  { rules: { '@stylistic/ts/type-annotation-spacing': 'off' } },
  {
    files: ['**/*.{ts,tsx,mjs,js}'],
    plugins: { 'import-x': importX },
    rules: {
      complexity: ['error', 12],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'import-x/no-duplicates': 'error',
      'import-x/order': [
        'error',
        {
          groups: ['builtin', 'external', ['internal', 'parent', 'sibling', 'index']],
          'newlines-between': 'always',
          alphabetize: { order: 'asc', caseInsensitive: true },
        },
      ],
    },
  },
  {
    files: typescript,
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }],
    },
  },
  {
    files: ['**/*.test.{ts,tsx}'],
    rules: {
      // A limit of its own makes a test depend on how fast the machine is; jest.config.js has the one that ends a hang.
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.name=/^(it|test|before|after)/] > Literal.arguments[raw=/^[0-9_]+$/]',
          message: 'A test has no time limit of its own.',
        },
        {
          selector:
            'CallExpression[callee.type="CallExpression"][callee.callee.property.name="each"] > Literal.arguments[raw=/^[0-9_]+$/]',
          message: 'A test has no time limit of its own.',
        },
        {
          selector: 'CallExpression[callee.object.name="jest"][callee.property.name="setTimeout"]',
          message: 'A test has no time limit of its own.',
        },
      ],
    },
  },
  {
    files: ['src/**/*.tsx'],
    ...jsxA11y.flatConfigs.strict,
  },
  // The arrow of dependency points one way: what is lower knows nothing of what is above it.
  ...[
    [
      'domain',
      [
        'expr',
        'upstream',
        'ledger',
        'usage',
        'completeness',
        'evidence',
        'sources',
        'reports',
        'frames',
        'datasource',
        'queryRunner',
      ],
    ],
    [
      'expr',
      [
        'upstream',
        'ledger',
        'usage',
        'completeness',
        'evidence',
        'sources',
        'reports',
        'frames',
        'datasource',
        'queryRunner',
      ],
    ],
    [
      'upstream',
      ['ledger', 'usage', 'completeness', 'evidence', 'sources', 'reports', 'frames', 'datasource', 'queryRunner'],
    ],
    ['ledger', ['usage', 'completeness', 'evidence', 'sources', 'reports', 'frames', 'datasource', 'queryRunner']],
    ['usage', ['completeness', 'evidence', 'sources', 'reports', 'frames', 'datasource', 'queryRunner']],
    ['completeness', ['evidence', 'sources', 'reports', 'frames', 'datasource', 'queryRunner']],
    ['evidence', ['sources', 'reports', 'frames', 'datasource', 'queryRunner']],
    ['health', ['ledger', 'usage', 'evidence', 'sources', 'reports', 'frames', 'datasource', 'queryRunner']],
    ['sources', ['reports', 'frames', 'datasource', 'queryRunner']],
    ['reports', ['frames', 'datasource', 'queryRunner']],
  ].map(([room, above]) => ({
    files: [`src/${room}/**/*.{ts,tsx}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: above.flatMap((name) => [`../${name}`, `../${name}/*`]), message: `${room} may not know of it` },
          ],
        },
      ],
    },
  })),
  // One place talks to Grafana's HTTP.
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/upstream/transport.ts', '**/*.test.*'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "Identifier[name='getBackendSrv']", message: 'only src/upstream/transport.ts talks to HTTP' },
      ],
    },
  },
]);
