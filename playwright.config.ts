// npm run test:e2e: in a Grafana that runs already, docker-compose.yaml's or any other (docs/development.md).
import { dirname, join } from 'node:path';

import { type PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig, devices } from '@playwright/test';

const user = process.env.GRAFANA_ADMIN_USER ?? 'admin';
const credentials = { user, password: process.env.GRAFANA_ADMIN_PASSWORD ?? 'admin' };
const executablePath = process.env.CHROMIUM_PATH;

export default defineConfig<PluginOptions>({
  testDir: './tests/e2e',
  testMatch: '**/*.spec.ts',
  // Both only end what hangs: the first reading of a month of logs may take a while on a small machine.
  timeout: 1_800_000,
  expect: { timeout: 600_000 },
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['html', { open: 'never' }]],
  use: {
    baseURL: process.env.GRAFANA_URL ?? 'http://localhost:3000',
    user: credentials,
    grafanaAPICredentials: credentials,
    provisioningRootDir: join(__dirname, 'provisioning'),
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    launchOptions: executablePath ? { executablePath } : {},
  },
  projects: [
    {
      name: 'log in',
      testDir: join(dirname(require.resolve('@grafana/plugin-e2e')), 'auth'),
      testMatch: '**/*.js',
    },
    {
      name: 'chromium',
      use: {
        ...devices['Desktop Chrome'],
        // Grafana draws only the rows and columns of a table that are in view.
        viewport: { width: 1920, height: 1200 },
        storageState: `playwright/.auth/${user}.json`,
      },
      dependencies: ['log in'],
    },
  ],
});
