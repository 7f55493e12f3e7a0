import { settingsFrom } from '../settings';
import { type OscarQuery } from '../types';
import { queryProblem, settingsProblem } from './validate';

const query = (parts: Record<string, unknown>) => ({ refId: 'A', ...parts }) as unknown as OscarQuery;

it.each([
  { queryType: 'summary' },
  { queryType: 'metric' },
  { queryType: 'metric', metric: 'cpu-hours', interval: 'auto', format: 'timeseries' },
  { queryType: 'breakdown', groupBy: 'country', services: [], interval: 'quarter' },
  { queryType: 'summary', metric: '', services: null },
])('accepts %j', (parts) => {
  expect(queryProblem(query(parts))).toBeUndefined();
});

it.each([
  [{}, /queryType is missing.*summary.*reconciliation/],
  [{ queryType: 'constructor' }, /unknown queryType "constructor".*summary/],
  [{ queryType: 'metric', metric: 'cpu' }, /unknown metric "cpu".*cpu-hours/],
  [{ queryType: 'breakdown', groupBy: 'team' }, /unknown groupBy "team".*service, user, country/],
  [{ queryType: 'summary', interval: 'year' }, /unknown interval "year".*hour/],
  [{ queryType: 'summary', format: 'logs' }, /unknown format "logs".*table/],
  [{ queryType: 'summary', services: 'a' }, /services/],
  [{ queryType: 'summary', minimumCoveragePercent: 101 }, /minimumCoveragePercent must be a number from 0 to 100/],
  [{ queryType: 'summary', minimumCoveragePercent: '90' }, /minimumCoveragePercent/],
])('refuses %j', (parts, message) => {
  expect(queryProblem(query(parts))).toMatch(message);
});

it('accepts the defaults, and names the option that is wrong', () => {
  expect(settingsProblem(settingsFrom({}))).toBeUndefined();
  expect(settingsProblem(settingsFrom({ exposedSelector: '' }))).toBeUndefined();
  expect(settingsProblem(settingsFrom({ requestSelector: '{a="b"} |= "x"' }))).toMatch(/requestSelector/);
  expect(settingsProblem(settingsFrom({ cpuQuery: '{{nope}}' }))).toMatch(/cpuQuery.*nope/);
  expect(settingsProblem(settingsFrom({ membershipRules: [{ pattern: '(', membership: 'member' }] }))).toMatch(
    /membershipRules\[0\]/
  );
});

it('names the position of a gap that is wrong', () => {
  const gap = { from: '2026-01-01', to: '2026-01-02', source: 'usage-cpu', note: '' };
  const problem = settingsProblem(settingsFrom({ knownGaps: [gap, { ...gap, from: 'x' }] }));
  expect(problem).toMatch(/^option knownGaps\[1\]\.from must be/);
  expect(settingsProblem(settingsFrom({ knownGaps: [gap], minimumCoveragePercent: 95 }))).toBeUndefined();
  expect(settingsProblem(settingsFrom({ minimumCoveragePercent: -1 }))).toMatch(/minimumCoveragePercent/);
});

it('does not let a template cross over into a query without its window', () => {
  // Without {{range}} the same hours would be counted again in every window.
  expect(settingsProblem(settingsFrom({ cpuQuery: 'sum(increase(x[30d])) / 3600' }))).toMatch(/cpuQuery.*range/);
});
