// Loaded by Jest before a test file. Takes one rule out of the lists of rules, in the test's own copy of the modules: what
// is shipped knows nothing of it. The name comes from the project's globals (see main.mjs).
const path = require('node:path');

const room = path.resolve(__dirname, '../../src/core/evidence');
const lists = require('./lists.json');

for (const { file, list } of lists) {
  const module = path.join(room, file);
  jest.mock(module, () => {
    const actual = jest.requireActual(module);
    return { ...actual, [list]: actual[list].filter(({ name }) => name !== globalThis.disabledRule) };
  });
}
