import { type ComboboxOption } from '@grafana/ui';

import { type MetricKey, metricKeys } from '../../../core/domain/metricKeys';
import { periodUnits } from '../../../core/domain/periods';
import { type OscarQuery } from '../../types';
import { selectors } from '../selectors';

export type Interval = NonNullable<OscarQuery['interval']>;

const metricTexts: Readonly<Record<MetricKey, readonly [label: string, description: string]>> = {
  'services-count': [
    'Number of services',
    'Services with a request or CPU time in the range; one value for the whole cluster',
  ],
  'cpu-hours': ['CPU hours', 'CPU time used'],
  'gpu-hours': ['GPU hours', 'Hours for which GPUs were allocated'],
  'requests-sync-per-service': ['Synchronous requests', 'Requests to /run/<service>, including failed ones'],
  'requests-async-per-service': ['Asynchronous requests', 'Requests to /job/<service>, including failed ones'],
  'requests-exposed-per-service': ['Exposed requests', 'Requests through the ingress; never part of the other two'],
  'requests-per-user': ['Requests per user', 'Synchronous and asynchronous requests, one row per service and user'],
  'users-per-service': ['Number of users', 'Distinct users of each service'],
  'countries-count': ['Number of countries', 'Distinct countries that called each service'],
  'countries-list': ['Countries', 'Requests per service and country'],
};

/** Stands for "no metric named", which asks for all metrics that have one value per service. */
export const allMetrics = '';

export const metricOptions: Array<ComboboxOption<MetricKey | typeof allMetrics>> = [
  { value: allMetrics, label: 'All metrics', description: 'Every metric that has one value per service' },
  ...metricKeys.map((value) => ({ value, label: metricTexts[value][0], description: metricTexts[value][1] })),
];

const unitLabels: Readonly<Record<(typeof periodUnits)[number], string>> = {
  hour: 'Hour',
  day: 'Day',
  week: 'Week (ISO)',
  month: 'Month',
  quarter: 'Quarter',
};

const units: Array<ComboboxOption<Interval>> = periodUnits.map((value) => ({ value, label: unitLabels[value] }));
const auto: ComboboxOption<Interval> = {
  value: 'auto',
  label: 'Auto',
  description: 'Hours for ranges of up to three days, else days',
};

/** Stands for "no period", in a table only. */
export const wholeRange = '';

export const timeseriesIntervals: Array<ComboboxOption<Interval>> = [auto, ...units];
export const tableIntervals: Array<ComboboxOption<Interval | typeof wholeRange>> = [
  { value: wholeRange, label: 'Whole range', description: 'One value for the whole range' },
  auto,
  ...units,
];

const { groupBy, format } = selectors.queryEditor;

export const groupings = [
  { value: 'service', label: groupBy.service },
  { value: 'user', label: groupBy.user },
  { value: 'country', label: groupBy.country },
] as const;

export const formats = [
  { value: 'table', label: format.table },
  { value: 'timeseries', label: format.timeseries },
] as const;
