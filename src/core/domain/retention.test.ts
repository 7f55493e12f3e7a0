import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { dayMs } from './duration';
import { keepsHalfAYear, lokiRetention, prometheusRetention, retentionDays } from './retention';

it('advises what the documentation does', () => {
  const docs = readFileSync(join(__dirname, '../../../docs/configure.md'), 'utf8');
  const [, hours] = lokiRetention.split(': ');
  expect(docs).toContain(`\`retention_period\` to at least \`${hours}\` (${retentionDays} days)`);
  expect(docs).toContain(`to at least \`${prometheusRetention.split('=')[1]}\``);
});

it('advises more than is needed', () => {
  expect(keepsHalfAYear(retentionDays * dayMs)).toBe(true);
  expect(keepsHalfAYear(180 * dayMs)).toBe(false);
});
