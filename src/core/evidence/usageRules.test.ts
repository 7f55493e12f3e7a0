import { epoch } from '../../testing/arbitraries';
import { stateOfSpans, withFindings } from '../completeness/model';
import { dayMs, hourMs } from '../domain/duration';
import { type Span } from '../domain/span';
import { type PrometheusEvidence } from './prometheusEvidence';
import { judgeAll } from './rule';
import { usageRules } from './usageRules';

const range = { start: epoch, end: epoch + 10 * dayMs };
const now = range.end;
const day = (index: number) => epoch + index * dayMs;

function stateOf(missing: Span[], evidence: Partial<PrometheusEvidence>) {
  const state = stateOfSpans('usage-cpu', range, missing, missing.length > 0 ? ['no samples there'] : [], now);
  return withFindings(state, judgeAll(usageRules, { state, evidence: { duplicates: 0, ...evidence }, now }));
}

it('says nothing when there are samples everywhere', () => {
  expect(stateOf([], { retentionMs: 15 * dayMs, oldestSample: epoch - dayMs })).toMatchObject({
    status: 'ok',
    notes: [],
  });
  expect(stateOf([], {}).status).toBe('ok');
});

it('tells what is older than the retention by the oldest sample, to the minute', () => {
  const oldestSample = day(5) + 7 * hourMs;
  const state = stateOf([{ start: epoch, end: day(5) }], { retentionMs: 4 * dayMs, oldestSample });
  expect(state.missing).toEqual([{ start: epoch, end: oldestSample }]);
  expect(state).toMatchObject({ status: 'partial', coveragePercent: 47.08 });
  expect(state.notes).toContain('Prometheus keeps samples for 4 days; 5 of 10 days no longer available');
});

it('sees the part of a first day that is gone although the day has samples', () => {
  const oldestSample = epoch + 7 * hourMs;
  expect(stateOf([], { retentionMs: 9.5 * dayMs, oldestSample }).missing).toEqual([
    { start: epoch, end: oldestSample },
  ]);
});

it('tells a store that began later from one that forgot', () => {
  const state = stateOf([{ start: epoch, end: day(6) }], { retentionMs: 400 * dayMs, oldestSample: day(6) });
  expect(state.gaps?.map(({ kind }) => kind)).toContain('not-begun');
  expect(state.notes.join()).toMatch(/first sample in Prometheus is from 2026-10-30T00:00:00.000Z.*6 days before/);
  // A retention of 8 days did not take away what is 4 days old.
  const young = stateOf([{ start: epoch, end: day(6) }], { retentionMs: 8 * dayMs, oldestSample: day(6) });
  expect(young.gaps?.map(({ kind }) => kind)).toContain('not-begun');
});

it('is not alarmed by the minutes before the first scrape', () => {
  expect(stateOf([], { oldestSample: epoch + 4 * 60_000 })).toMatchObject({ status: 'ok' });
});

it('does not trust the store of an engine that has samples from elsewhere', () => {
  expect(stateOf([], { retentionMs: 2 * dayMs, oldestSample: day(8) }).status).toBe('ok');
});

it('explains missing days by the retention where the oldest sample is not known', () => {
  const state = stateOf([{ start: epoch, end: day(3) }], { retentionMs: 6 * dayMs });
  expect(state).toMatchObject({ coveragePercent: 70 });
  expect(state.notes).toContain('Prometheus keeps samples for 6 days; 3 of 10 days no longer available');
  expect(stateOf([{ start: day(2), end: day(3) }], { retentionMs: 6 * dayMs }).notes).toEqual(['no samples there']);
});

it('doubts all hours when samples were dropped', () => {
  const state = stateOf([], { duplicates: 12 });
  expect(state).toMatchObject({ status: 'partial', coveragePercent: 100, degraded: true });
  expect(state.notes.join()).toMatch(/dropped about 12 samples/);
});
