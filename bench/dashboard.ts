import { type OscarQuery } from '../src/types';

/** The queries of a dashboard with twelve panels, all about the same range. */
export const dashboardQueries: ReadonlyArray<Omit<OscarQuery, 'refId'>> = [
  { queryType: 'summary' },
  { queryType: 'summary', includeUsers: true },
  { queryType: 'summary', interval: 'day' },
  { queryType: 'summary', interval: 'week' },
  { queryType: 'metric' },
  { queryType: 'metric', metric: 'requests-per-user' },
  { queryType: 'metric', metric: 'countries-list' },
  { queryType: 'breakdown', groupBy: 'service' },
  { queryType: 'breakdown', groupBy: 'user' },
  { queryType: 'breakdown', groupBy: 'country' },
  { queryType: 'country' },
  { queryType: 'membership' },
];
