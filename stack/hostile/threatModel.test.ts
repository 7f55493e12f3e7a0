import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { repositoryRoot } from '../lib/repository';
import { attacks } from './attacks';

const page = readFileSync(join(repositoryRoot, 'specs/threat-model.md'), 'utf8');
const quoted = [...page.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);

it('names files that are there', () => {
  const files = quoted.filter((text) => /^[\w./-]+\/[\w./-]*$/.test(text));
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => !existsSync(join(repositoryRoot, file)))).toEqual([]);
});

it('names every attack', () => {
  expect(attacks.map(({ name }) => name).filter((name) => !quoted.includes(name))).toEqual([]);
});

it('has a row for each finding', () => {
  const rows = [...page.matchAll(/^\| (S\d+) \|/gm)].map(([, finding]) => finding);
  expect(rows).toEqual(Array.from({ length: 18 }, (_, index) => `S${index + 1}`));
});
