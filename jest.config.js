// force timezone to UTC to allow tests to work regardless of local timezone
// generally used by snapshots, but can affect specific tests
process.env.TZ = 'UTC';

// Jest configuration provided by Grafana scaffolding
const { grafanaESModules, nodeModulesToTransform } = require('./.config/jest/utils');
const scaffold = require('./.config/jest.config');

// ES modules that the scaffold does not know.
const ownESModules = ['@noble/hashes', '@noble/ed25519', 'get-port', 'd3-[a-z-]+', 'internmap'];
scaffold.transformIgnorePatterns = [nodeModulesToTransform([...grafanaESModules, ...ownESModules])];

// The core and what is never shipped run in Node, so that they are tested there and without the browser's globals.
const { '^.+\\.(t|j)sx?$': swc } = scaffold.transform;
const { setupFilesAfterEnv, testEnvironment, testMatch, transform, ...shared } = scaffold;

// Some packages of @grafana ship ES modules as .mjs, which the scaffold's pattern does not transform.
const withModules = { '^.+\\.m?(t|j)sx?$': swc };

// Each project looks only at its own sources: the engines' data under .data/ are hundreds of thousands of files.
const inNode = {
  ...shared,
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: withModules,
};

/**
 * Ends what hangs, in ms; no check depends on how fast the machine is. The only limit: a test has none of its own, and
 * waits for what has to happen.
 */
const hangMs = 30 * 60_000;

module.exports = {
  testTimeout: hangMs,
  projects: [
    { ...inNode, displayName: 'core', roots: ['<rootDir>/src'], testMatch: ['<rootDir>/src/core/**/*.test.ts'] },
    {
      ...scaffold,
      transform: withModules,
      displayName: 'plugin',
      rootDir: __dirname,
      roots: ['<rootDir>/src'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/src/core/'],
    },
    { ...inNode, displayName: 'stack', roots: ['<rootDir>/stack'], testMatch: ['<rootDir>/stack/**/*.test.ts'] },
    { ...inNode, displayName: 'cli', roots: ['<rootDir>/cli'], testMatch: ['<rootDir>/cli/**/*.test.{ts,tsx}'] },
    // With the real Loki and Prometheus; takes minutes.
    {
      ...inNode,
      displayName: 'engines',
      roots: ['<rootDir>/tests'],
      testMatch: ['<rootDir>/tests/engines/**/*.test.ts'],
    },
  ],
};
