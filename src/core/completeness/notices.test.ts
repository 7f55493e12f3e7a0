import { hourMs } from '../domain/duration';
import { missingState, stateOfSpans } from './model';
import { completenessEntry, noticesOf, remarksOf } from './notices';

const range = { start: 0, end: 1000 };
const iso = (ms: number) => new Date(ms).toISOString();
const ok = stateOfSpans('request-logs', range, [], [], 5);

it('composes one notice per severity', () => {
  const hours = { start: 0, end: 10 * hourMs };
  const notices = noticesOf(
    [
      ok,
      { ...stateOfSpans('usage-cpu', hours, [{ start: 0, end: hourMs }], ['no samples'], 5), unread: 'not scraped' },
      missingState('usage-gpu', range, 'no exporter', 5),
    ],
    ['people are hidden', 'and more']
  );
  expect(notices.map(({ severity }) => severity)).toEqual(['warning', 'info']);
  expect(notices[0]?.text).toBe('CPU hours: 1 of 10 hours not scraped · GPU hours missing: no exporter');
  expect(notices[1]?.text).toBe('people are hidden · and more');
});

it('says nothing when there is nothing to say', () => {
  expect(noticesOf([ok])).toEqual([]);
});

it('keeps what is known of whole sources out of the notices', () => {
  const remarked = { ...ok, source: 'service-inventory' as const, notes: ['read from pods'] };
  expect(noticesOf([ok, remarked])).toEqual([]);
  expect(remarksOf([ok, remarked])).toEqual(['service inventory: read from pods']);
});

it.each([
  [[], 0, 999],
  [[{ start: 0, end: 100 }], 100, 999],
  [[{ start: 900, end: 1000 }], 0, 899],
  [[{ start: 400, end: 500 }], 0, 999],
  [
    [
      { start: 0, end: 100 },
      { start: 900, end: 1000 },
    ],
    100,
    899,
  ],
])('is covered without %j from %p to %p', (missing, from, to) => {
  const entry = completenessEntry(stateOfSpans('request-logs', range, missing, [], 5));
  expect(entry).toMatchObject({ covered_from: iso(from), covered_to: iso(to), last_updated: iso(5) });
});

it('covers nothing when all is missing', () => {
  const entry = completenessEntry(missingState('usage-gpu', range, 'x', 5));
  expect(entry).toMatchObject({
    covered_from: null,
    covered_to: null,
    affected_metrics: ['gpu-hours'],
    status: 'missing',
  });
  expect(entry.missing).toEqual([{ from: iso(0), to: iso(999), kind: 'unread', note: 'x' }]);
});

it('covers nothing when all that could be read is missing, and the range goes on into the future', () => {
  // Usage is asked for up to now; the range of the query ends later (`to` of "now" is inclusive, "this month" more so).
  const readable = { start: 0, end: 900 };
  const entry = completenessEntry(stateOfSpans('usage-cpu', readable, [readable], [], 900));
  expect(entry).toMatchObject({ covered_from: null, covered_to: null });
});

it('does not claim to cover what lies ahead', () => {
  const entry = completenessEntry(stateOfSpans('usage-cpu', { start: 0, end: 900 }, [], [], 900));
  expect(entry.covered_to).toBe(iso(899));
});
