// npm run screenshots: takes the pictures that the last `npm run test:browser` left into the plugin and the documentation.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { repositoryRoot } from './setup.mjs';

const questions = [
  'summary',
  'metric',
  'breakdown',
  'country',
  'membership',
  'services',
  'completeness',
  'reconciliation',
  'timeseries',
];

/** Pictures by the file that shows them. */
const pictures = {
  'src/img/screenshot-dashboard.png': 'overview-desktop-dark-top',
  'src/img/screenshot-monthly.png': 'monthly-desktop-light-top',
  'src/img/screenshot-query.png': 'query-breakdown-dark',
  'src/img/screenshot-config.png': 'config-dark',
  'docs/img/dashboard.png': 'overview-desktop-light-top',
  'docs/img/dashboard-monthly.png': 'monthly-desktop-light-top',
  'docs/img/dashboard-service.png': 'service-desktop-light-top',
  'docs/img/dashboard-sources.png': 'operator-desktop-light-top',
  ...Object.fromEntries(
    questions.map((name) => [
      `docs/img/query-${name}.png`,
      name === 'timeseries' ? `query-${name}-dark` : `query-${name}-light`,
    ])
  ),
};

const taken = join(repositoryRoot, '.tests', 'screenshots');
const missing = Object.values(pictures).filter((name) => !existsSync(join(taken, `${name}.png`)));
if (missing.length > 0) {
  console.error(`No screenshot of ${missing.join(', ')}. Run "npm run test:browser" first.`);
  process.exit(1);
}
for (const [path, name] of Object.entries(pictures)) {
  mkdirSync(dirname(join(repositoryRoot, path)), { recursive: true });
  copyFileSync(join(taken, `${name}.png`), join(repositoryRoot, path));
}
console.log(`${Object.keys(pictures).length} screenshots copied; check them before you commit them.`);
