import { linkTo } from './links';
import { type Override, type Property } from './model';

/** How a column of a table looks. Widths are in pixels; without `width` a column takes what is left, from `minWidth` on. */
export interface Look {
  title: string;
  width?: number;
  minWidth?: number;
  /** The whole text of a cell can be opened. */
  inspect?: boolean;
  /** The whole text of a cell is there, in several lines: for paper. */
  wraps?: boolean;
  /** The number with all its digits, where it has no digits that are the same for all rows. */
  isRaw?: boolean;
  /** Digits, units, bars and other things of figures for people; left out in tables that are meant for CSV. */
  figures?: Property[];
  /** Words and colours for the values of a text. */
  texts?: Property[];
  /** Leads to the dashboard of what the cell names. */
  leadsTo?: 'service' | 'user' | 'country';
}

const valueMappings = (texts: Readonly<Record<string, string | { text: string; color: string }>>): Property => ({
  id: 'mappings',
  value: [
    {
      type: 'value',
      options: Object.fromEntries(
        Object.entries(texts).map(([value, shown], index) => [
          value,
          { index, ...(typeof shown === 'string' ? { text: shown } : shown) },
        ])
      ),
    },
  ],
});

const statusColours = [
  valueMappings({
    ok: { text: 'ok', color: 'transparent' },
    partial: { text: 'partial', color: 'super-light-orange' },
    missing: { text: 'missing', color: 'dark-red' },
  }),
  { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
];

const oneDecimal = [{ id: 'decimals', value: 1 }];
const time = { width: 165, figures: [{ id: 'unit', value: 'dateTimeAsSystem' }] };

/** Every column that a dashboard shows, by its name in the contract, as it looks where a panel says nothing else. */
const looks = {
  period: { title: 'Period', width: 90 },
  start_time: { title: 'From', ...time },
  end_time: { title: 'To', ...time },
  key: { title: 'Service', width: 175, inspect: true, leadsTo: 'service' },
  service: { title: 'Service', width: 190, inspect: true, leadsTo: 'service' },
  requests_count_total: { title: 'Requests', minWidth: 86 },
  requests_count_sync: { title: 'Sync', minWidth: 66 },
  requests_count_async: { title: 'Async', minWidth: 70 },
  requests_count_exposed: { title: 'Exposed', minWidth: 80 },
  requests_count_rejected: { title: 'Rejected', minWidth: 82 },
  requests_count_failed: { title: 'Failed', minWidth: 68 },
  executions_count: { title: 'Requests', minWidth: 86 },
  request_count: { title: 'Requests', minWidth: 86 },
  unique_users_count: { title: 'Users', minWidth: 66 },
  users_count: { title: 'Users', minWidth: 66 },
  services_count: { title: 'Services', minWidth: 80 },
  services_count_active: { title: 'Deployed now', minWidth: 115 },
  services_count_total: { title: 'Services', minWidth: 80 },
  countries_count: { title: 'Countries', minWidth: 84 },
  attribution_percent: {
    title: 'Known country',
    minWidth: 118,
    figures: [{ id: 'unit', value: 'percent' }, ...oneDecimal],
  },
  cpu_hours: { title: 'CPU hours', minWidth: 92, figures: oneDecimal },
  gpu_hours: { title: 'GPU hours', minWidth: 94, figures: oneDecimal },
  cpu_hours_total: { title: 'CPU hours', minWidth: 92, figures: oneDecimal },
  gpu_hours_total: { title: 'GPU hours', minWidth: 94, figures: oneDecimal },
  gpu_hours_active: { title: 'GPU busy', minWidth: 88, figures: oneDecimal },
  gpu_hours_allocated: { title: 'GPU allocated', minWidth: 118, figures: oneDecimal },
  membership: { title: 'Membership', minWidth: 100 },
  country: { title: 'Code', minWidth: 78, leadsTo: 'country' },
  country_name: { title: 'Country', minWidth: 120 },
  countries: { title: 'Countries', minWidth: 300, inspect: true },
  percentage: {
    title: 'Share',
    minWidth: 90,
    figures: [
      { id: 'unit', value: 'percent' },
      ...oneDecimal,
      { id: 'min', value: 0 },
      { id: 'max', value: 100 },
      { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' } },
    ],
  },
  value: { title: 'Requests', minWidth: 86 },
  active: { title: 'Deployed', width: 96, texts: [valueMappings({ true: 'yes', false: 'no' })] },
  first_seen: { title: 'First use', ...time },
  last_seen: { title: 'Last use', ...time },
  source: {
    title: 'Source',
    width: 165,
    texts: [
      valueMappings({
        'service-inventory': 'Service inventory',
        'usage-cpu': 'CPU hours',
        'usage-gpu': 'GPU hours',
        'request-logs': 'Request logs',
        'exposed-request-logs': 'Exposed request logs',
        'country-attribution': 'Country attribution',
        'user-roster': 'User roster',
      }),
    ],
  },
  status: { title: 'Status', width: 86, texts: statusColours },
  coverage_percent: {
    title: 'Covered',
    width: 116,
    texts: [
      {
        id: 'mappings',
        value: [{ type: 'special', options: { match: 'null', result: { index: 0, text: 'not configured' } } }],
      },
    ],
    figures: [{ id: 'unit', value: 'percent' }],
  },
  covered_from: { title: 'Covered from', ...time, width: 158 },
  covered_to: { title: 'Covered to', ...time, width: 158 },
  last_updated: { title: 'Asked at', ...time, width: 180 },
  affected_metrics: { title: 'Affects', width: 130, inspect: true },
  notes: { title: 'Notes', minWidth: 200, inspect: true },
  figure: {
    title: 'Figure',
    minWidth: 150,
    texts: [
      valueMappings({
        requests_count_total: 'Requests',
        requests_count_sync: 'Sync requests',
        requests_count_async: 'Async requests',
        requests_count_exposed: 'Exposed requests',
        users_count: 'Users',
        countries_count: 'Countries',
        services_count_total: 'Services seen',
        cpu_hours_total: 'CPU hours',
        gpu_hours_total: 'GPU hours',
        requests_count_rejected: 'Rejected requests',
        requests_count_failed: 'Failed requests',
      }),
    ],
  },
  summary: { title: 'Summary', minWidth: 100 },
  by_service: { title: 'By service', minWidth: 100 },
  by_user: { title: 'By user', minWidth: 100 },
  by_country: { title: 'By country', minWidth: 100 },
  difference: {
    title: 'Difference',
    minWidth: 100,
    texts: [
      {
        id: 'thresholds',
        value: {
          mode: 'absolute',
          steps: [
            { color: 'dark-red', value: null },
            { color: 'transparent', value: 0 },
            { color: 'dark-red', value: 0.001 },
          ],
        },
      },
      { id: 'color', value: { mode: 'thresholds' } },
      { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
    ],
  },
  completeness: { title: 'Status', width: 74, texts: statusColours },
  completeness_notes: { title: 'What is incomplete', minWidth: 120, inspect: true },
} satisfies Record<string, Look>;

export type ColumnName = keyof typeof looks;

/** Columns whose texts are times, which Grafana shows in the zone of the dashboard once they are read as such. */
export const timeColumns: readonly string[] = [
  'start_time',
  'end_time',
  'first_seen',
  'last_seen',
  'covered_from',
  'covered_to',
  'last_updated',
];

/** What a panel wants otherwise than others; a width takes the place of a least width, and the other way round. */
export type Looks = Partial<Record<ColumnName, Partial<Look>>>;

/** The overrides of a table's columns. `isPlain`: figures as they are, for CSV. */
export function overridesOf(columns: readonly ColumnName[], own: Looks, isPlain: boolean): Override[] {
  return columns.map((name) => {
    const { width, minWidth, ...look }: Look = looks[name];
    const changes = own[name] ?? {};
    const sizes = changes.width === undefined && changes.minWidth === undefined ? { width, minWidth } : {};
    return {
      matcher: { id: 'byName', options: name },
      properties: propertiesOf({ ...look, ...sizes, ...changes }, isPlain),
    };
  });
}

/** Grafana's table looks for it in the one place or the other, by its version. */
const wrapping = [
  { id: 'custom.wrapText', value: true },
  { id: 'custom.cellOptions', value: { type: 'auto', wrapText: true } },
];

function propertiesOf(look: Look, isPlain: boolean): Property[] {
  const { title, width, minWidth, inspect, wraps, isRaw, figures, texts, leadsTo } = look;
  return [
    { id: 'displayName', value: title },
    ...(texts ?? []),
    ...(isPlain ? [] : (figures ?? [])),
    ...(isRaw ? [{ id: 'unit', value: 'string' }] : []),
    ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
    ...(minWidth === undefined ? [] : [{ id: 'custom.minWidth', value: minWidth }]),
    ...(inspect ? [{ id: 'custom.inspect', value: true }] : []),
    ...(wraps ? wrapping : []),
    ...(leadsTo ? [{ id: 'links', value: [linkTo(leadsTo)] }] : []),
  ];
}
