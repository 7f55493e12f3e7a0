import { createHmac } from 'node:crypto';

import { type Answer } from '../../src/core/answer';
import { type UsageQuery } from '../../src/core/query';
import { type TimeSeries } from '../../src/core/reports/series';
import { type Row } from '../conformance/frames';
import { rowsOfAnswer } from '../core/asking';
import { dataSourceUid } from '../core/openCore';
import { allTargets, nameOf, type SourceEntry } from '../faults/reports';

/** How a data source shows users. */
export const userModes = ['full', 'pseudonym', 'hidden'] as const;
export type UserMode = (typeof userModes)[number];

/** Most rows or series of the reports with a limit. */
export const limit = 5;

/** What one query was answered with. */
export interface Reading {
  target: UsageQuery;
  rows: Row[];
  sources: SourceEntry[];
  /** Texts that are cells of a CSV file. */
  cells: string[];
  /** Everything that stands beside the figures, as text. */
  meta: string;
  error?: string;
}

/** Every kind of answer, and those that a limit changes with one. */
export function hostileTargets(): UsageQuery[] {
  const more = { queryType: 'breakdown', groupBy: 'service', format: 'timeseries', interval: 'day' } as const;
  const all = [...allTargets, more];
  const limited = all.filter(({ queryType }) => ['metric', 'breakdown', 'country', 'services'].includes(queryType));
  return [...all, ...limited.map((target) => ({ ...target, limit }))];
}

export function titleOf(target: UsageQuery): string {
  return `${nameOf(target)}${target.limit === undefined ? '' : ` limit ${target.limit}`}`;
}

/** One reading per target, in their order. */
export function readingsOf(targets: readonly UsageQuery[], answers: readonly Answer[]): Reading[] {
  return targets.map((target, index) => {
    const answer = answers[index];
    if (answer === undefined || answer.kind === 'failure') {
      return { target, rows: [], sources: [], cells: [], meta: '', error: answer?.message ?? 'no answer' };
    }
    const { notices, completeness, executedQueries } = answer;
    return {
      target,
      rows: answer.kind === 'timeseries' ? seriesRows(answer.timeSeries) : rowsOfAnswer(answer),
      sources: completeness as SourceEntry[],
      cells:
        answer.kind === 'timeseries'
          ? answer.timeSeries.series.map(({ displayName }) => displayName)
          : answer.table.columns.flatMap(({ values }) => values.filter((value) => typeof value === 'string')),
      meta: JSON.stringify({ notices, completeness, executedQueries }),
    };
  });
}

/** A row for each time and series, with the labels as columns. */
function seriesRows({ starts, series }: TimeSeries): Row[] {
  return series.flatMap(({ name, labels, values }) =>
    values.map((value, index) => ({ time: starts[index], series: name, ...labels, value }))
  );
}

/** The same reading, had these users been sent under the other texts. */
export function renamed(
  reading: Reading,
  mode: UserMode,
  aliases: ReadonlyArray<readonly [sent: string, plain: string]>
): Reading {
  if (mode === 'hidden' || aliases.length === 0) {
    return reading;
  }
  const shown = (user: string) => (mode === 'pseudonym' ? pseudonymOf(user) : user);
  const texts = new Map(aliases.map(([sent, plain]) => [shown(plain), shown(sent)]));
  const rename = (text: string) => texts.get(text) ?? text;
  const isSeries = reading.target.format === 'timeseries';
  const rows = reading.rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, value]) => {
        if (typeof value !== 'string') {
          return [column, value];
        }
        return [
          column,
          column === 'users'
            ? safe(value.split('|').map(rename).sort().map(encoded).join('|'))
            : texts.has(value) && !isSeries
              ? safe(rename(value))
              : rename(value),
        ];
      })
    )
  );
  return { ...reading, rows };
}

/** By the uid of the data source (contract, option `users`). Names in brackets stand for no person. */
function pseudonymOf(user: string): string {
  if (/^\(.*\)$/.test(user)) {
    return user;
  }
  return createHmac('sha256', dataSourceUid).update(user).digest('hex').slice(0, 12);
}

/** A user among others in one cell. */
function encoded(user: string): string {
  return user.replaceAll('%', '%25').replaceAll('|', '%7C');
}

/** What a spreadsheet takes for the beginning of a formula, in all widths. */
const formula = /^[=+\-@＝＋－＠﹢﹣﹦﹫\t\r\n]/;

/** The contract's text of a cell, written down anew. */
function safe(text: string): string {
  return isFormula(text) ? `'${text}` : text;
}

export function isFormula(text: string): boolean {
  return formula.test(text);
}
