import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { applyRawFieldOverrides, createTheme, type DataFrame, getDisplayProcessor, toCSV } from '@grafana/data';

import { missingState, stateOfSpans } from '../../core/completeness/model';
import { completenessEntry } from '../../core/completeness/notices';
import { dayMs } from '../../core/domain/duration';
import { type SourceName, sourceNames } from '../../core/domain/sources';
import { reports } from '../../core/reports/registry';
import { runReport, runSeries } from '../../core/reports/runReport';
import { selectionOf } from '../../core/reports/selection';
import { timeSeriesOf } from '../../core/reports/series';
import { tableOf } from '../../core/reports/table';
import { type Cell, buildCell, type LineGroup } from '../../core/requests/cell';
import { KeyTable } from '../../core/requests/keyTable';
import { type Gathered } from '../../core/sources/source';
import { finish } from '../../testing/finish';
import { type OscarQuery } from '../types';
import { seriesFrame } from './seriesFrame';
import { tableFrame } from './tableFrame';

const start = Date.parse('2026-10-01T00:00:00Z');
const range = { start, end: start + 2 * dayMs };

/** Texts that a spreadsheet would run, that need quotes, or that are not ASCII. */
const calls: Array<LineGroup & { day: number }> = [
  { day: 0, text: 'sync|cowsay|=HYPERLINK("http://evil")', labels: { geoip_country_code: 'ES' }, count: 3 },
  { day: 0, text: 'async|cowsay|a,b "c"', labels: { geoip_country_code: 'US' }, count: 2 },
  { day: 1, text: 'sync|yolo|@egi.eu', labels: {}, count: 1 },
  { day: 1, text: 'sync|(invalid)|-1+1', labels: { geoip_country_code: 'CI' }, count: 1 },
  { day: 1, text: 'async|yolo|zoë@egi.eu', labels: { geoip_country_code: 'ES' }, count: 1200 },
];

function gathered(): Gathered {
  const table = new KeyTable((text) => {
    const [type, service = '', user = ''] = text.split('|');
    return { type: type === 'sync' ? 'sync' : 'async', service, user, outcome: 'succeeded' };
  }, 'auth_method');
  const cells: Cell[] = [0, 1].map((day) =>
    buildCell(
      { start: start + day * dayMs, end: start + (day + 1) * dayMs },
      calls.filter((call) => call.day === day),
      table
    )
  );
  const view = { span: range, cells, missing: [], table };
  const nothing = { span: range, cells: [], missing: [], table };
  const hours = [
    { ...range, end: start + dayMs, hours: new Map([['cowsay', 1 / 3]]) },
    {
      ...range,
      start: start + dayMs,
      hours: new Map([
        ['yolo', 1234.5],
        ['(unattributed)', 0.004],
      ]),
    },
  ];
  const now = Date.parse('2026-10-03T12:00:00Z');
  const stateOf = (source: SourceName) =>
    source === 'usage-gpu'
      ? missingState(source, range, 'no samples, "DCGM" or otherwise', now)
      : source === 'exposed-request-logs'
        ? stateOfSpans(source, range, [{ start, end: start + dayMs / 4 }], ['Loki was down'], now)
        : stateOfSpans(source, range, [], [], now);
  return {
    requests: view,
    exposed: nothing,
    cpu: { windows: hours, missing: [], notes: [], warnings: [] },
    inventory: { services: ['cowsay', 'idle'], failed: false, exact: true, notes: [] },
    requestsSeen: new Map([
      [
        range,
        new Map([
          ['cowsay', { first: start + 1, last: start + 5000 }],
          ['yolo', { first: start + dayMs, last: start + dayMs + 7 }],
        ]),
      ],
    ]),
    states: new Map(sourceNames.map((source) => [source, stateOf(source)])),
    failed: [],
  };
}

const queries: Record<string, Omit<OscarQuery, 'refId'>> = {
  summary: { queryType: 'summary', includeUsers: true },
  'summary-by-day': { queryType: 'summary', interval: 'day' },
  metric: { queryType: 'metric' },
  'metric-requests-per-user': { queryType: 'metric', metric: 'requests-per-user' },
  'breakdown-service': { queryType: 'breakdown', groupBy: 'service', includeUsers: true },
  'breakdown-user': { queryType: 'breakdown', groupBy: 'user' },
  'breakdown-country': { queryType: 'breakdown', groupBy: 'country' },
  country: { queryType: 'country' },
  membership: { queryType: 'membership' },
  services: { queryType: 'services' },
  completeness: { queryType: 'completeness' },
  reconciliation: { queryType: 'reconciliation' },
  'timeseries-country': { queryType: 'country', format: 'timeseries', interval: 'day' },
};

function frameOf(target: Omit<OscarQuery, 'refId'>): DataFrame {
  const query = { ...target, refId: 'A' };
  const report = reports[query.queryType];
  const context = {
    query,
    services: undefined,
    membershipOf: (user: string) => (user.includes('@') ? ('member' as const) : ('unknown' as const)),
    rejectedRequests: 'separate' as const,
  };
  const facts = gathered();
  const meta = {
    name: query.queryType,
    refId: 'A',
    executedQueryString: '',
    notices: [],
    remarks: [],
    completeness: [...facts.states.values()].map((state) => completenessEntry(state)),
  };
  if (query.format === 'timeseries') {
    const { blocks } = finish(runSeries(report, context, facts, range, 'day', 'utc'));
    return seriesFrame(finish(timeSeriesOf(blocks)), meta);
  }
  const { blocks } = finish(runReport(report, context, facts, range, query.interval ? 'day' : undefined, 'utc'));
  return tableFrame(finish(tableOf(selectionOf(report, query).shown, blocks)), meta);
}

/** What the panel inspector writes: with the display processors of the panel, or without. */
function csvOf(frame: DataFrame, formatted: boolean): string {
  const theme = createTheme();
  const [shown = frame] = formatted
    ? [
        {
          ...frame,
          fields: frame.fields.map((field) => ({
            ...field,
            display: getDisplayProcessor({ field, theme, timeZone: 'utc' }),
          })),
        },
      ]
    : applyRawFieldOverrides([frame]);
  return toCSV([shown]);
}

const goldenDirectory = join(__dirname, 'golden');

/** The golden file; written anew only when UPDATE_GOLDEN is set, so that a missing file fails. */
function golden(name: string, csv: string): string {
  const file = join(goldenDirectory, name);
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(goldenDirectory, { recursive: true });
    writeFileSync(file, csv);
  }
  return existsSync(file) ? readFileSync(file, 'utf8') : `no golden file ${name}`;
}

describe.each(Object.keys(queries))('%s as CSV', (name) => {
  it.each([
    ['raw', false],
    ['formatted', true],
  ])('%s', (kind, formatted) => {
    const csv = csvOf(frameOf(queries[name] as Omit<OscarQuery, 'refId'>), formatted);
    expect(csv).toBe(golden(`${name}.${kind}.csv`, csv));
  });
});

it('has no cell that a spreadsheet would run', () => {
  for (const target of Object.values(queries)) {
    for (const field of frameOf(target).fields) {
      expect(field.values.filter((value) => typeof value === 'string' && /^[=+\-@\t\r]/.test(value))).toEqual([]);
    }
  }
});
