import { defineConfig } from 'eslint/config';
import importX from 'eslint-plugin-import-x';
import jsxA11y from 'eslint-plugin-jsx-a11y';

import baseConfig from './.config/eslint.config.mjs';
import { layers } from './scripts/layers.mjs';

const typescript = ['**/*.{ts,tsx}'];

/** The core runs without Grafana and without a page, its tests too. */
const hostsOfCore = [
  { regex: '^(?:@grafana/|react(?:-dom)?(?:/|$))', message: 'the core needs no Grafana and no React' },
  { regex: '^(?:\\.\\./)+(?:grafana/|testing/cluster$)', message: 'the core knows nothing of Grafana' },
];

/** What a layer may not import. In a folder, what is beside a file may have the name of a layer. */
function above(index) {
  const names = layers.slice(index + 1).map((layer) => layer.replace('core/', ''));
  const regex = `^(?:\\.\\./)+(?:core/)?(?:${names.join('|')})(?:/|$)`;
  return names.length === 0 ? [] : [{ regex, message: `${layers[index]} may not know of what is above it` }];
}

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
      '.manifests-env/',
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
  { files: ['src/core/*.ts'], rules: { 'no-restricted-imports': ['error', { patterns: hostsOfCore }] } },
  // The arrow of dependency points one way: what is lower knows nothing of what is above it.
  ...layers.map((layer, index) => ({
    files: [`src/${layer}/**/*.{ts,tsx}`, `src/${layer}.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [...above(index), ...(layer.startsWith('core/') ? hostsOfCore : [])] },
      ],
    },
  })),
  // The command line stands beside `grafana`, on the core alone.
  {
    files: ['cli/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^@grafana/', message: 'the command line needs no Grafana' },
            { regex: '^(?:\\.\\./)+src/(?!core/|testing/)', message: 'the command line is made of the core alone' },
          ],
        },
      ],
    },
  },
  {
    files: ['cli/**/*.{ts,tsx}'],
    ignores: ['**/*.test.*'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportDeclaration[source.value=/^(?:\\.\\.\\/)+(?:src\\/testing|stack|tests|bench|workbench)\\//]',
          message: 'only tests use what is never shipped',
        },
      ],
    },
  },
  { files: ['cli/**/*.tsx'], ...jsxA11y.flatConfigs.strict },
  // One place talks to Grafana's HTTP.
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/grafana/transport.ts', '**/*.test.*'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "Identifier[name='getBackendSrv']", message: 'only src/grafana/transport.ts talks to HTTP' },
      ],
    },
  },
]);
