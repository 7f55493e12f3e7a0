import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (path: string) => readFileSync(join(__dirname, '..', path), 'utf8');

interface Package {
  version: string;
  engines: { node: string };
  dependencies?: unknown;
}

it('is a package of the same version for the same Node, without packages of its own', () => {
  const [own, root] = ['cli/package.json', 'package.json'].map((path) => JSON.parse(read(path)) as Package);
  expect(own?.version).toBe(root?.version);
  expect(own?.engines).toEqual(root?.engines);
  expect(own?.dependencies).toBeUndefined();
});

describe('its image', () => {
  const dockerfile = read('cli/Dockerfile');

  it('has the Node of the other images, pinned', () => {
    const nodeIn = (text: string) => /^ARG NODE_VERSION=(\d+\.\d+\.\d+)$/m.exec(text)?.[1];
    expect(nodeIn(dockerfile)).toMatch(/^\d/);
    expect(nodeIn(dockerfile)).toBe(nodeIn(read('deploy/compose/Dockerfile')));
  });

  it('ends as a user who is not root, and holds the one file', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    expect(last).toMatch(/^USER 65534:65534$/m);
    expect(last.match(/^COPY .*$/gm)).toEqual([
      'COPY --from=build /source/cli/dist/oscar-usage.cjs /usr/local/bin/oscar-usage',
    ]);
  });
});
