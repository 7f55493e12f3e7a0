import { type TableColumn } from '../../src/core/reports/table';
import { readCsv } from '../../stack/fuzz/csv';
import { type Format, formats, written } from './formats';
import { isWhole, noticesIn, queryTitle, type WrittenReport } from './report';

const range = { start: Date.UTC(2026, 9, 1), end: Date.UTC(2026, 9, 3), label: '2026-10-01 to 2026-10-02' };

/** As the core makes it: what a spreadsheet would run has its sign already. */
const columns: TableColumn[] = [
  { name: 'key', type: 'text', values: ["'=HYPERLINK(1)", 'a,"b"|c', 'esc\u001b[31m'] },
  { name: 'requests_count_total', type: 'count', values: [12345, 0, null] },
  { name: 'cpu_hours', type: 'hours', values: [1 / 3, null, 1234.5] },
  { name: 'active', type: 'flag', values: [true, false, null] },
  { name: 'completeness', type: 'text', values: ['ok', 'partial', 'missing'] },
];

function report(changes: Partial<WrittenReport> = {}, length = 3): WrittenReport {
  const table = { columns: columns.map((one) => ({ ...one, values: one.values.slice(0, length) })), length };
  return {
    query: { queryType: 'breakdown', groupBy: 'service' },
    range,
    zone: 'Europe/Madrid',
    answer: { kind: 'table', table, notices: [], remarks: [], completeness: [], executedQueries: '', loading: false },
    notices: [{ severity: 'warning', text: 'request logs: <b>\u0007|' }],
    isComplete: false,
    ...changes,
  };
}

const over: WrittenReport = report({
  query: { queryType: 'breakdown', groupBy: 'service', format: 'timeseries', interval: 'day' },
  answer: {
    kind: 'timeseries',
    timeSeries: {
      starts: [range.start, range.start + 86_400_000],
      series: [
        { name: 'requests_count_total', labels: { service: 'a' }, unit: 'short', displayName: 'a', values: [1, null] },
        { name: 'requests_count_total', labels: { service: 'b' }, unit: 'short', displayName: 'b', values: [0, 2] },
      ],
    },
    notices: [],
    remarks: [],
    completeness: [],
    executedQueries: '',
    loading: false,
  },
});

const text = (format: Exclude<Format, 'html'>, of = report(), isTerminal = false) => written(of, format, isTerminal);

it('is a CSV with plain numbers, the time zone, and cells that are quoted where they must be', () => {
  expect(text('csv')).toBe(
    [
      'key,requests_count_total,cpu_hours,active,completeness,time_zone',
      "'=HYPERLINK(1),12345,0.3333333333333333,true,ok,Europe/Madrid",
      '"a,""b""|c",0,,false,partial,Europe/Madrid',
      'esc\u001b[31m,,1234.5,,missing,Europe/Madrid',
      '',
    ].join('\n')
  );
  expect(readCsv(text('csv')).map((row) => row.length)).toEqual([6, 6, 6, 6]);
  expect(text('csv', report({}, 0))).toBe('key,requests_count_total,cpu_hours,active,completeness,time_zone\n');
  expect(text('csv', over)).toBe(
    'time,a,b,time_zone\n2026-10-01T00:00:00.000Z,1,0,Europe/Madrid\n2026-10-02T00:00:00.000Z,,2,Europe/Madrid\n'
  );
});

it('quotes a lone carriage return in a CSV', () => {
  const answer = {
    ...report().answer,
    table: { columns: [{ name: 'a\rb', type: 'text', values: ['x\ry'] }], length: 1 },
  };
  expect(text('csv', report({ answer: answer as WrittenReport['answer'] }))).toBe(
    '"a\rb",time_zone\n"x\ry",Europe/Madrid\n'
  );
});

it('is JSON with all that is known', () => {
  const { query, rows, ...rest } = JSON.parse(text('json')) as Record<string, unknown>;
  expect(query).toEqual({ queryType: 'breakdown', groupBy: 'service' });
  expect(rest).toEqual({
    time_zone: 'Europe/Madrid',
    range: { from: '2026-10-01T00:00:00.000Z', to: '2026-10-02T23:59:59.999Z', label: '2026-10-01 to 2026-10-02' },
    complete: false,
    completeness: [],
    notices: [{ severity: 'warning', text: 'request logs: <b>\u0007|' }],
  });
  expect(rows).toHaveLength(3);
  expect((rows as unknown[])[2]).toEqual({
    key: 'esc\u001b[31m',
    requests_count_total: null,
    cpu_hours: 1234.5,
    active: null,
    completeness: 'missing',
  });
  expect(JSON.parse(text('json', over))).toMatchObject({
    time_series: [
      {
        name: 'requests_count_total',
        labels: { service: 'a' },
        unit: 'short',
        values: [
          { time: '2026-10-01T00:00:00.000Z', value: 1 },
          { time: '2026-10-02T00:00:00.000Z', value: null },
        ],
      },
      { labels: { service: 'b' } },
    ],
  });
});

it('is an object on each line', () => {
  const lines = text('jsonl').trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { key: string }).key)).toEqual(columns[0]?.values);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ cpu_hours: 1 / 3, time_zone: 'Europe/Madrid' });
  expect(text('jsonl', report({}, 0))).toBe('');
  expect(text('jsonl', over).split('\n')[1]).toBe(
    '{"name":"requests_count_total","labels":{"service":"a"},"unit":"short","time":"2026-10-02T00:00:00.000Z","value":null,"time_zone":"Europe/Madrid"}'
  );
});

it('is a table of Markdown', () => {
  expect(text('md')).toBe(
    [
      '**breakdown by service**, 2026-10-01 to 2026-10-02 (2026-10-01T02:00:00.000+02:00 to 2026-10-03T01:59:59.999+02:00), time zone Europe/Madrid',
      '',
      '| key | requests_count_total | cpu_hours | active | completeness |',
      '| --- | ---: | ---: | --- | --- |',
      "| '=HYPERLINK(1) | 12,345 | 0.33 | yes | ok |",
      '| a,"b"\\|c | 0 | – | no | partial |',
      '| esc\\\\u001b\\[31m | – | 1,234.50 | – | missing |',
      '',
      '- warning: request logs: \\<b\\>\\\\u0007\\|',
      '- complete: no',
      '',
    ].join('\n')
  );
});

it('is a table for a terminal', () => {
  expect(text('table')).toBe(
    [
      'breakdown by service, 2026-10-01 to 2026-10-02 (2026-10-01T02:00:00.000+02:00 to 2026-10-03T01:59:59.999+02:00), time zone Europe/Madrid',
      '┌────────────────┬──────────────────────┬───────────┬────────┬──────────────┐',
      '│ key            │ requests_count_total │ cpu_hours │ active │ completeness │',
      '├────────────────┼──────────────────────┼───────────┼────────┼──────────────┤',
      "│ '=HYPERLINK(1) │               12,345 │      0.33 │ yes    │ ok           │",
      '│ a,"b"|c        │                    0 │         – │ no     │ partial      │',
      '│ esc\\u001b[31m  │                    – │  1,234.50 │ –      │ missing      │',
      '└────────────────┴──────────────────────┴───────────┴────────┴──────────────┘',
      'warning: request logs: <b>\\u0007|',
      'complete: no',
      '',
    ].join('\n')
  );
  expect(text('table', report({}, 0))).toContain('no rows');
});

it('stands side by side where there are many columns and few rows, and says what it cuts off', () => {
  const many: TableColumn[] = Array.from({ length: 9 }, (_, index) => ({
    name: `c${index}`,
    type: 'text',
    values: ['x'.repeat(index === 0 ? 80 : 2)],
  }));
  const answer = { ...report().answer, table: { columns: many, length: 1 } } as WrittenReport['answer'];
  const lines = text('table', report({ answer })).split('\n');
  expect(lines[2]).toBe(`│ c0 │ ${'x'.repeat(59)}… │`);
  expect(lines).toContain('info: cells are cut off after 60 characters (…); the other formats have all of them');
});

it('holds nothing that a terminal obeys where it is written to one', () => {
  for (const format of formats.filter((one) => one !== 'html')) {
    expect(text(format, report(), true)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  }
});

it('names queries, and says each thing once', () => {
  expect(queryTitle({ queryType: 'summary' })).toBe('summary');
  expect(queryTitle({ queryType: 'metric', metric: 'cpu-hours', interval: 'auto' })).toBe('metric cpu-hours over time');
  const one = report({ notices: [{ severity: 'info', text: 'a · b' }] });
  const other = report({ notices: [{ severity: 'info', text: 'b · c' }] });
  expect(noticesIn([one, other]).map((notice) => notice.text)).toEqual(['a', 'b', 'c']);
});

it('is whole only if every source and row is, but for what nobody has to configure', () => {
  const whole = (statuses: ReadonlyArray<[status: string, advisory?: true]>, ...flags: string[]) =>
    isWhole({
      ...report().answer,
      table: { columns: [{ name: 'completeness', type: 'text', values: flags }], length: flags.length },
      completeness: statuses.map(([status, advisory]) => ({ status, ...(advisory && { advisory }) })),
    } as unknown as Parameters<typeof isWhole>[0]);
  expect(whole([['ok'], ['missing', true]], 'ok')).toBe(true);
  expect(whole([['ok'], ['partial']], 'ok')).toBe(false);
  expect(whole([['missing']])).toBe(false);
  expect(whole([['ok']], 'ok', 'partial')).toBe(false);
  expect(isWhole(over.answer)).toBe(true);
});
