import { dayMs, hourMs, minuteMs } from '../domain/duration';
import { type SourceName } from '../domain/sources';
import { type Finding, type GapKind } from './findings';
import {
  missingState,
  type SourceState,
  stateOfFindings,
  stateOfSpans,
  unconfiguredState,
  withFindings,
} from './model';
import { incompleteLines } from './reasons';

const range = { start: 0, end: 30 * dayMs };
const span = (start: number, length: number) => ({ start, end: start + length });
const lost = (length: number, kind: GapKind = 'unread', brief?: string): Finding => ({
  effect: 'lost',
  kind,
  spans: [span(0, length)],
  note: 'a long sentence: with its reasons',
  ...(brief !== undefined && { brief }),
});
const logs = (...findings: Finding[]) => stateOfFindings('request-logs', range, findings, 0);
const countries = (...findings: Finding[]) => stateOfFindings('country-attribution', range, findings, 0);
const line = (state: SourceState) => incompleteLines([state])[0];

it('says nothing of what is whole, of what nobody configured and of what nobody has to', () => {
  const roster = { ...missingState('user-roster', range, 'none', 0), advisory: true };
  const remarked = logs({ effect: 'remark', note: 'counts may still change' });
  expect(incompleteLines([logs(), remarked, unconfiguredState('exposed-request-logs', range, 0), roster])).toEqual([]);
});

it.each<[number, string]>([
  [1, '1 minute of 30 days'],
  [minuteMs, '1 minute of 30 days'],
  [12 * minuteMs + 1, '13 minutes of 30 days'],
  [2 * hourMs, '2 of 720 hours'],
  [2 * hourMs + 1000, '2.1 of 720 hours'],
  [2 * dayMs, '2 of 30 days'],
  [13.2 * hourMs, '14 of 720 hours'],
  [29.99 * dayMs, '30 of 30 days'],
])('rounds %p ms up', (length, amount) => {
  expect(line(logs(lost(length, 'silent')))).toBe(`request logs: ${amount} without any line`);
});

it('counts minutes within short ranges', () => {
  const hour = span(0, hourMs);
  expect(line(stateOfFindings('request-logs', hour, [lost(5 * minuteMs)], 0))).toBe(
    'request logs: 5 of 60 minutes not read'
  );
});

it.each<[GapKind, string]>([
  ['expired', 'no longer kept'],
  ['not-begun', 'before the first data'],
  ['silent', 'without any line'],
  ['declared', 'in a known gap'],
])('has words for a gap that is %s', (kind, words) => {
  expect(line(logs(lost(3 * dayMs, kind)))).toBe(`request logs: 3 of 30 days ${words}`);
  expect(line(logs(lost(30 * dayMs, kind)))).toBe(`request logs missing: the whole range ${words}`);
});

it('does not say that what is no longer kept was not read', () => {
  const cpu = { ...stateOfSpans('usage-cpu', range, [span(0, 20 * dayMs)], ['no samples'], 0), unread: 'not scraped' };
  expect(line(withFindings(cpu, [lost(20 * dayMs, 'expired')]))).toBe('CPU hours: 20 of 30 days no longer kept');
  expect(line(withFindings(cpu, [lost(18 * dayMs, 'not-begun')]))).toBe(
    'CPU hours: 2 of 30 days not scraped, 18 of 30 days before the first data'
  );
});

it('says why something was not read', () => {
  expect(line(logs(lost(3 * dayMs, 'unread', 'HTTP 502: Bad gateway')))).toBe(
    'request logs: 3 of 30 days not read (HTTP 502: Bad gateway)'
  );
  expect(line(logs(lost(30 * dayMs, 'unread', 'HTTP 502')))).toBe('request logs missing: HTTP 502');
  expect(line(logs(lost(30 * dayMs)))).toBe('request logs missing: the whole range not read');
  expect(line(missingState('usage-gpu', range, 'no GPU was found', 0))).toBe('GPU hours missing: no GPU was found');
  expect(line(stateOfSpans('request-logs', range, [span(0, dayMs)], ['still loading: 29 of 30 days read'], 0))).toBe(
    'request logs: 24 of 720 hours not read (still loading: 29 of 30 days read)'
  );
});

it('takes the notes of hours for no reasons, but for what was not scraped', () => {
  const notes = ['containers were not scraped for 2.00 hours', 'pods are mapped to services by their labels'];
  const cpu = { ...stateOfSpans('usage-cpu', range, [span(0, 2 * hourMs)], notes, 0), unread: 'not scraped' };
  expect(line(cpu)).toBe('CPU hours: 2 of 720 hours not scraped');
  const doubted = withFindings(cpu, [
    { effect: 'doubt', note: '5 pods have two counters, so hours are too high: look' },
  ]);
  expect(line(doubted)).toBe('CPU hours: 2 of 720 hours not scraped, 5 pods have two counters, so hours are too high');
});

it('shortens doubts to their first clause, or to what they give', () => {
  const doubts: Finding[] = [
    { effect: 'doubt', note: '3 lines cut short: somebody may have written lines into the log' },
    { effect: 'doubt', note: 'Loki warned: a; b', brief: 'Loki warned: a; b' },
    { effect: 'doubt', note: 'x'.repeat(500) },
    { effect: 'remark', note: 'nothing to do' },
  ];
  expect(line(logs(...doubts))).toBe(`request logs: 3 lines cut short, Loki warned: a; b, ${'x'.repeat(89)}…`);
});

it('says what is wrong with a part only', () => {
  const day = (index: number) => span(index * dayMs, dayMs);
  const state = logs(lost(12 * hourMs, 'silent'), { effect: 'doubt', spans: [day(2)], note: 'doubtful' });
  const lines = [0, 1, 2, 40].map((index) => incompleteLines([state], day(index)));
  expect(lines).toEqual([
    ['request logs: 12 of 24 hours without any line'],
    [],
    ['request logs: doubtful'],
    ['request logs missing: a long sentence: with its reasons'],
  ]);
});

it('says it once of sources with the same reasons', () => {
  const gap = lost(3 * dayMs, 'silent');
  const down = (source: SourceName) => missingState(source, range, 'HTTP 502', 0);
  expect(incompleteLines([down('usage-cpu'), down('usage-gpu'), logs(gap), countries(gap)])).toEqual([
    'CPU hours and GPU hours missing: HTTP 502',
    'request logs and country attribution: 3 of 30 days without any line',
  ]);
});

it('does not repeat of countries what the lines lack', () => {
  const gap = lost(3 * dayMs, 'silent');
  const few: Finding = { effect: 'doubt', note: '86 % of the requests have a known country; and more' };
  expect(incompleteLines([logs(gap), countries(gap, few)])).toEqual([
    'request logs: 3 of 30 days without any line',
    'country attribution: 86 % of the requests have a known country',
  ]);
  expect(incompleteLines([countries(gap, few)])).toEqual([
    'country attribution: 3 of 30 days without any line, 86 % of the requests have a known country',
  ]);
});
