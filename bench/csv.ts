import { createRequire } from 'node:module';

import { type CSVConfig, type DataFrame } from '@grafana/data';

const load = createRequire(import.meta.url);

/**
 * The CSV of a frame by Grafana's own writer, unformatted. The package is loaded when it is used: it wants the browser's
 * globals, which a host installs; and as CommonJS, because Node can't load its other form.
 */
export function csvOf(frame: DataFrame): string {
  const { applyRawFieldOverrides, toCSV } = load('@grafana/data') as typeof import('@grafana/data');
  return toCSV(applyRawFieldOverrides([frame]), { delimiter: ',' } as CSVConfig);
}
