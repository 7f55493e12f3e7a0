import { type Core } from '../../../stack/core/openCore';
import { type Host } from '../../../stack/host';
import { expectedSummary, type Range, type Truth } from '../../../stack/traffic';
import { type Answer, ask, askCore, over } from './answers';
import { exactReports } from './expectedRows';

const targets = exactReports.map(({ target }) => target);

/** Hours come from samples two minutes apart, and jobs may be shorter than that; counts are exact. */
const hoursTolerance = 0.15;

/** Limits under which twenty times as many requests are needed. */
export const narrowLimits = {
  max_query_series: 20,
  max_entries_limit_per_query: 100,
  max_query_length: '24h',
};

/** Asks for all reports at once in a new data source; all are the truth, without a flag, and no request is left over. */
export async function expectTruth(host: Host, truth: Truth, range: Range): Promise<void> {
  expectAnswers(await ask(host, host.createDataSource(), targets, over(range)), truth, range);
  expectQuiet(host);
}

/** The same of the core without Grafana. */
export async function expectTruthOfCore(core: Core, truth: Truth, range: Range): Promise<void> {
  expectAnswers(await askCore(core.open(), targets, range), truth, range);
  expectQuiet(core.log);
}

function expectAnswers(answers: readonly Answer[], truth: Truth, range: Range): void {
  // The traffic has requests without a country, which is all that may be said of it.
  const flagged = answers
    .flatMap(({ completeness }) => completeness)
    .filter(({ status, source }) => status !== 'ok' && source !== 'country-attribution');
  expect(flagged).toEqual([]);
  const differences = exactReports.flatMap(({ target, differences: differ }, index) =>
    differ(answers[index] as Answer, truth, range).map((text) => `${target.queryType}: ${text}`)
  );
  // The first ones tell enough.
  expect(differences.slice(0, 10)).toEqual([]);
  expectHours(answers[0] as Answer, answers[1] as Answer, truth, range);
}

function expectQuiet({ peakInFlight, inFlight }: Pick<Host, 'peakInFlight' | 'inFlight'>): void {
  expect(peakInFlight).toBeLessThanOrEqual(3);
  expect(inFlight).toBe(0);
}

function expectHours({ rows: [summary] }: Answer, byService: Answer, truth: Truth, range: Range): void {
  const expected = expectedSummary(truth, range);
  for (const kind of ['cpu', 'gpu'] as const) {
    const hours = expected[`${kind}_hours_total`] ?? NaN;
    const reported = Number(summary?.[`${kind}_hours_total`]);
    expect(Math.abs(reported - hours)).toBeLessThanOrEqual(hours * hoursTolerance);
    const sum = byService.rows.reduce((total, row) => total + Number(row[`${kind}_hours`]), 0);
    expect(sum).toBeCloseTo(reported, 6);
  }
}
