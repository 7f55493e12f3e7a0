import { type Table } from '../../src/core/reports/table';
import { settingsFrom } from '../../src/core/settings';
import { NoAnswer } from '../asked';
import { type Configuration } from '../config/configuration';
import { type WrittenReport } from '../output/report';
import { definitionsOf } from './definitions';
import { reportPage } from './reportPage';
import { usagePage } from './usagePage';

const range = { start: Date.UTC(2026, 9, 1), end: Date.UTC(2026, 9, 4), label: '2026-10-01 to 2026-10-03' };
const now = Date.UTC(2026, 10, 1);
const hostile = '</style><script>alert(1)</script>"\'&\u001b[2J';

const text = (name: string, ...values: Array<string | null>) => ({ name, type: 'text' as const, values });
const count = (name: string, ...values: Array<number | null>) => ({ name, type: 'count' as const, values });

function tableOf(...columns: Table['columns']): Table {
  return { columns, length: columns[0]?.values.length ?? 0 };
}

function answerTo(query: WrittenReport['query'], isComplete = true): WrittenReport {
  const periods = text('period', '2026-10-01', '2026-10-02', '2026-10-03');
  const statuses = text('completeness', 'ok', 'partial', 'missing');
  const table = (): Table => {
    if (query.interval) {
      return tableOf(periods, ...(query.columns ?? []).map((name) => count(name, 3, 5, null)), statuses);
    }
    switch (query.queryType) {
      case 'summary':
        return tableOf(count('requests_count_total', 8), count('users_count', null));
      case 'breakdown':
        return tableOf(
          text('key', hostile, 'idle'),
          count('requests_count_total', 8, 0),
          text('completeness', 'ok', 'ok')
        );
      case 'country':
        return tableOf(text('country', 'ES'), text('country_name', 'Spain'), count('request_count', 8));
      case 'completeness':
        return tableOf(
          text('source', 'request-logs'),
          text('covered_from', '2026-10-01T00:00:00.000Z'),
          text('covered_to', null),
          text('notes', hostile)
        );
      default:
        return tableOf(text('membership', 'member'), count('users_count', 1));
    }
  };
  const notices = isComplete ? [] : [{ severity: 'warning' as const, text: hostile }];
  return {
    query,
    range,
    zone: 'Europe/Madrid',
    answer: {
      kind: 'table',
      table: table(),
      notices,
      remarks: [],
      completeness: [],
      executedQueries: '',
      loading: false,
    },
    notices,
    isComplete,
  };
}

const asked = (isComplete = true) => ({
  configuration: { settings: settingsFrom({}), zone: 'Europe/Madrid' } as Configuration,
  range,
  now,
  ask: jest.fn(async (query: WrittenReport['query']) => answerTo(query, isComplete)),
});

const countOf = (page: string, pattern: RegExp) => page.match(pattern)?.length ?? 0;

it('escapes all text, and asks for nothing from elsewhere', async () => {
  const { text: page } = await usagePage(asked(false), { title: hostile });
  expect(page).not.toContain('<script');
  expect(page).not.toMatch(/\u001b/);
  expect(page).toContain('&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).not.toMatch(/\b(?:src|href|xlink:href|action|@import)=|url\((?!#)/i);
  expect(page).toContain('content="default-src &#x27;none&#x27;; style-src &#x27;unsafe-inline&#x27;"');
  expect(page.startsWith('<!DOCTYPE html>\n<html lang="en">')).toBe(true);
});

it('has figures, charts, tables, completeness and definitions', async () => {
  const ways = asked();
  const { text: page, reports } = await usagePage(ways, { limit: 7 });
  expect(reports.every((report) => report.isComplete)).toBe(true);
  expect(countOf(page, /<svg /g)).toBe(6);
  expect(countOf(page, /<svg [^>]*role="img" aria-label="[^"]+"/g)).toBe(6);
  expect(countOf(page, /<table/g)).toBe(4);
  expect(page).toContain('<strong>Complete.</strong>');
  expect(page).toContain('2026-10-01 to 2026-10-03: 2026-10-01 02:00 to 2026-10-04 01:59');
  expect(page).toContain('Time zone Europe/Madrid');
  // In the zone of the page.
  expect(page).toContain('2026-10-01 02:00</td>');
  expect(page).toMatch(/<b>–<\/b><span>users \(not known\)<\/span>/);
  expect(page).toContain('<dt>CPU hours</dt>');
  const queries = ways.ask.mock.calls.map(([query]) => query);
  expect(queries.filter(({ interval }) => interval === 'day')).toHaveLength(4);
  expect(queries).toContainEqual({ queryType: 'country', limit: 7 });
});

it('marks each figure of the whole range that is not complete', async () => {
  const ways = asked(false);
  const partial = { source: 'country-attribution', status: 'partial' };
  const ask = async (query: WrittenReport['query']) => {
    const report = answerTo(query, false);
    const columns = [count('requests_count_total', 8), count('countries_count', 3), count('cpu_hours_total', 5)];
    const table = tableOf(...columns);
    const completeness = [{ source: 'request-logs', status: 'ok' }, partial, { source: 'usage-cpu', status: 'ok' }];
    const answer = { ...report.answer, completeness } as WrittenReport['answer'];
    return query.queryType === 'summary' && !query.interval
      ? { ...report, answer: { ...answer, table } as WrittenReport['answer'] }
      : report;
  };
  const { text: page } = await usagePage({ ...ways, ask }, {});
  expect(page).toContain('<b>8</b><span>requests (sync and async)</span></li>');
  expect(page).toContain('<b>3</b><span>countries</span><em>partial</em></li>');
  expect(page).toContain('<b>5</b><span>CPU hours</span></li>');
  // Of a range that has not ended, nothing is complete.
  const { text: early } = await usagePage(asked(false), {});
  expect(early).toContain('<b>8</b><span>requests (sync and async)</span><em>partial</em></li>');
});

it('shows what is known where a report has no answer', async () => {
  const ways = asked(false);
  const ask = async (query: WrittenReport['query']) => {
    if (query.queryType !== 'summary') {
      throw new NoAnswer('request-logs: down');
    }
    return answerTo(query, false);
  };
  const { text: page } = await usagePage({ ...ways, ask }, {});
  expect(countOf(page, /Not known: no source delivered anything\./g)).toBe(4);
  expect(page).toContain('<b>8</b>');
  const failing = { ...ways, ask: () => Promise.reject(new NoAnswer('all down')) };
  await expect(usagePage(failing, {})).rejects.toThrow('all down');
});

it('marks what is not complete, and draws no bar where nothing is known', async () => {
  const { text: page } = await usagePage(asked(), {});
  const chart = page.slice(
    page.indexOf('aria-label="CPU hours by day"'),
    page.indexOf('aria-label="GPU hours by day"')
  );
  expect(chart.match(/<title>[^<]*<\/title>/g)).toEqual([
    '<title>2026-10-01: CPU hours 3</title>',
    '<title>2026-10-02: CPU hours 5</title>',
    '<title>2026-10-02: not complete</title>',
    '<title>2026-10-03: not known</title>',
  ]);
});

it('is a page of one report too', () => {
  const page = reportPage(answerTo({ queryType: 'breakdown', groupBy: 'service' }, false), asked());
  expect(page).toContain('<h1>OSCAR usage: breakdown by service</h1>');
  expect(page).toContain('<strong>Not complete.</strong>');
  expect(page).not.toContain('<script');
});

it('defines the figures as the options have them', () => {
  const wordsOf = (options: object) =>
    Object.fromEntries(definitionsOf(settingsFrom(options)).map((one) => [one.word, one.meaning]));
  expect(wordsOf({}).Rejected).toContain('They are not part of the requests.');
  expect(wordsOf({ rejectedRequests: 'count' }).Rejected).toContain('They are part of the requests.');
  expect(wordsOf({})['Data protection']).toBeUndefined();
  expect(wordsOf({ users: 'pseudonym', smallestGroup: 5 })['Data protection']).toBe(
    'user ids are shown as pseudonyms. users and countries of groups of fewer than 5 users are not shown.'
  );
});
