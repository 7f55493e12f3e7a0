import { type UsageQuery, queryTypes } from '../query';
import { rowOrder, rowTest } from './arrange';
import { reports } from './registry';
import { type Column, type Report, type Row } from './report';
import { columnsProblem, selectionOf } from './selection';

type Target = Omit<UsageQuery, 'refId'>;

const select = (target: Target) => selectionOf(reports[target.queryType], { ...target });
const names = (columns: readonly Column[]) => columns.map(({ name }) => name);
const byService: Target = { queryType: 'breakdown', groupBy: 'service' };

describe('the chosen columns', () => {
  it('stand in the order of the contract, with the key and the completeness', () => {
    const { shown } = select({ ...byService, columns: ['gpu_hours', 'requests_count_exposed', 'users'] });
    expect(names(shown)).toEqual(['key', 'requests_count_exposed', 'gpu_hours', 'completeness', 'users']);
  });

  it('are there when they are named, also those that are left out where no row has a value', () => {
    const rolesOf = (columns?: string[]) =>
      select({ ...byService, columns }).shown.flatMap(({ name, role }) =>
        name.startsWith('gpu_hours_') ? [role] : []
      );
    expect(rolesOf()).toEqual(['optional', 'optional']);
    expect(rolesOf(['gpu_hours_active'])).toEqual([undefined]);
  });

  it('are all but those that nobody asked for when none is named', () => {
    expect(names(select({ ...byService }).shown)).toEqual(names(select({ ...byService, columns: [] }).shown));
    expect(names(select({ ...byService }).shown)).toEqual([
      'key',
      'requests_count_total',
      'requests_count_sync',
      'requests_count_async',
      'requests_count_exposed',
      'unique_users_count',
      'countries',
      'cpu_hours',
      'gpu_hours',
      'completeness',
      'requests_count_rejected',
      'requests_count_failed',
      'gpu_hours_active',
      'gpu_hours_allocated',
    ]);
    expect(names(select({ queryType: 'summary', includeUsers: true }).shown).slice(13, 18)).toEqual([
      'attribution_percent',
      'completeness',
      'users',
      'requests_count_rejected',
      'requests_count_failed',
    ]);
  });

  it.each<[Target, string[]]>([
    [{ queryType: 'summary', columns: ['requests_count_total'] }, ['request-logs']],
    [{ queryType: 'summary', columns: ['attribution_percent'] }, ['request-logs']],
    [{ queryType: 'summary', columns: ['countries'] }, ['request-logs', 'country-attribution']],
    [{ queryType: 'summary', columns: ['start_time'] }, []],
    [{ queryType: 'summary', columns: ['services_count_active'] }, ['service-inventory']],
    [{ queryType: 'summary', columns: ['requests_count_rejected'] }, ['request-logs', 'exposed-request-logs']],
    [
      { queryType: 'summary', columns: ['completeness'] },
      ['service-inventory', 'usage-cpu', 'usage-gpu', 'request-logs', 'exposed-request-logs', 'country-attribution'],
    ],
    [{ ...byService, columns: ['key', 'cpu_hours', 'gpu_hours'] }, ['usage-cpu', 'usage-gpu']],
    [{ ...byService, columns: ['key'] }, ['usage-cpu', 'usage-gpu', 'request-logs', 'exposed-request-logs']],
    [{ ...byService, format: 'timeseries' }, ['request-logs']],
    [{ ...byService, format: 'timeseries', columns: ['cpu_hours', 'countries'] }, ['usage-cpu']],
    [{ queryType: 'breakdown', groupBy: 'user', columns: ['executions_count'] }, ['request-logs']],
    [{ queryType: 'services', columns: ['active'] }, ['service-inventory']],
    [{ queryType: 'metric', metric: 'cpu-hours', columns: ['value'] }, ['usage-cpu']],
  ])('of %j are judged by their sources alone', (target, sources) => {
    expect(select(target).sources).toEqual(sources);
  });

  it('ask only what they need', () => {
    expect(select({ ...byService, columns: ['gpu_hours_active'] }).needs).toEqual({
      requests: false,
      exposed: false,
      cpu: false,
      gpu: true,
      inventory: false,
    });
    expect(select({ queryType: 'country' }).needs).toMatchObject({ requests: true, exposed: false, cpu: false });
  });

  it('ask for exact times only where these are shown', () => {
    expect(select({ queryType: 'services' }).needs.times).toBe(true);
    expect(select({ queryType: 'services', columns: ['last_seen'] }).needs.times).toBe(true);
    expect(select({ queryType: 'services', columns: ['active', 'cpu_hours'] }).needs.times).toBeUndefined();
  });

  it('hold what is there by request only when they name it', () => {
    expect(names(select({ queryType: 'summary', columns: ['users', 'users_count'] }).shown)).toEqual([
      'users_count',
      'completeness',
      'users',
    ]);
    expect(names(select({ queryType: 'summary', includeUsers: true, columns: ['users_count'] }).shown)).toEqual([
      'users_count',
      'completeness',
    ]);
  });
});

describe('what is no column', () => {
  const problem = (target: Target | { columns: unknown }) => {
    const query = { queryType: 'summary', ...target } as UsageQuery;
    return columnsProblem(reports[query.queryType], query);
  };

  it('is named, with what is valid', () => {
    expect(problem({ queryType: 'breakdown', groupBy: 'country', columns: ['cpu_hours'] })).toBe(
      'unknown column "cpu_hours"; valid are: key, country_name, executions_count, unique_users_count, completeness'
    );
  });

  it.each([undefined, null, [], ['period', 'completeness', 'completeness_notes'], ['users']])(
    'is not in %j',
    (columns) => {
      expect(problem({ columns })).toBeUndefined();
    }
  );

  it.each(['cpu_hours_total', [1], {}])('is %j, which is no list of names', (columns) => {
    expect(problem({ columns })).toBe('columns must be a list of column names');
  });

  it('is said of a time series that would draw nothing', () => {
    expect(problem({ queryType: 'membership', format: 'timeseries', columns: ['membership'] })).toBe(
      'none of the columns membership can be shown over time; valid are: users_count, executions_count, percentage'
    );
  });

  it('is nothing that a report shows', () => {
    for (const queryType of queryTypes) {
      for (const groupBy of ['service', 'user', 'country'] as const) {
        const query: UsageQuery = { queryType, groupBy };
        expect(problem({ ...query, columns: names(reports[queryType].columns(query)) })).toBeUndefined();
      }
    }
  });
});

describe('rows', () => {
  const arranged = (report: Report, target: Target, rows: Row[]) => {
    const selection = selectionOf(report, { ...target });
    const left = rows.filter(rowTest(report, selection));
    const order = rowOrder(report, selection);
    return (order ? left.sort(order) : left).map(({ cells }) => cells.key ?? cells.membership ?? cells.figure);
  };
  const row = (key: string, requests_count_total: number | null, cpu_hours: number | null): Row => ({
    cells: { key, requests_count_total, cpu_hours },
  });
  const rows = [
    row('b', 1, 0),
    row('a', 1, 2),
    row('zero', 0, 0),
    row('unknown', null, null),
    row('c', 5, 1),
    { ...row('(rejected)', 0, 9), last: 'rejected' as const },
  ];

  it('are sorted by the first number, then by key, whatever is not known after what is 0', () => {
    expect(arranged(reports.breakdown, byService, [...rows])).toEqual(['c', 'a', 'b', 'zero', 'unknown', '(rejected)']);
  });

  it('are sorted by the first chosen number, and left out without any', () => {
    const columns = ['cpu_hours'];
    expect(arranged(reports.breakdown, { ...byService, columns }, [...rows])).toEqual(['a', 'c', '(rejected)']);
  });

  it('all stay, by key, where no number is chosen', () => {
    const columns = ['countries'];
    expect(arranged(reports.breakdown, { ...byService, columns }, [...rows])).toEqual([
      'a',
      'b',
      'c',
      'unknown',
      'zero',
      '(rejected)',
    ]);
  });

  it('of a report with an order of its own keep it, unless columns are chosen', () => {
    const groups: Row[] = [
      { cells: { membership: 'member', users_count: 1 } },
      { cells: { membership: 'external', users_count: 2 } },
      { cells: { membership: 'unknown', users_count: 0 } },
    ];
    expect(arranged(reports.membership, { queryType: 'membership' }, [...groups])).toEqual([
      'member',
      'external',
      'unknown',
    ]);
    const columns = ['users_count'];
    expect(arranged(reports.membership, { queryType: 'membership', columns }, [...groups])).toEqual([
      'external',
      'member',
    ]);
    const figures: Row[] = [{ cells: { figure: 'b', difference: 0 } }, { cells: { figure: 'a', difference: 0 } }];
    expect(
      arranged(reports.reconciliation, { queryType: 'reconciliation', columns: ['difference'] }, [...figures])
    ).toEqual(['b', 'a']);
  });
});
