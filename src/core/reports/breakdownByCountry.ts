import { sourcesOf } from '../domain/affectedMetrics';
import { countryName } from '../domain/countries';
import { KeyCounts } from '../requests/keyCounts';
import { distinctUsers } from './facts';
import { type Report } from './report';
import { hiddenIn } from './smallGroups';
import { statusColumn, tableReport } from './tableReport';

type Country = readonly [code: string, executions: number];

const sources = sourcesOf.countries;

const none = KeyCounts.none();

export const breakdownByCountry: Report = tableReport<Country>({
  columns: [
    { name: 'key', type: 'text', role: 'key', sources, cell: ([code]) => code },
    { name: 'country_name', type: 'text', sources, cell: ([code]) => countryName(code) },
    { name: 'executions_count', type: 'count', sources, cell: ([, executions]) => executions },
    {
      name: 'unique_users_count',
      type: 'count',
      sources,
      cell: ([code], facts, context) =>
        hiddenIn(facts, 'country', context).has(code)
          ? null
          : distinctUsers(facts, facts.requests?.groupBy('country').get(code) ?? none),
    },
    statusColumn(sources),
  ],
  order: 'ranked',
  *items({ requests }) {
    return requests?.countBy('country') ?? [];
  },
  mergedBy: { key: 'country', noun: 'countries' },
  series: { drawn: ['executions_count'], labels: ([country]) => ({ country }), idle: ['', 0] },
});
