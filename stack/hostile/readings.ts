import { createHmac } from 'node:crypto';

import { type DataFrame } from '@grafana/data';

import { resultFrames, type Row, rowsOf } from '../conformance/frames';
import { allTargets, nameOf, type SourceEntry, type Target } from '../faults/reports';
import { type QueryResult } from '../host';

/** How a data source shows users. */
export const userModes = ['full', 'pseudonym', 'hidden'] as const;
export type UserMode = (typeof userModes)[number];

/** The uid of the data source is the key of its pseudonyms (contract, option `users`). */
const pseudonymKey = 'oscar-metrics';

/** Most rows or series of the reports with a limit. */
export const limit = 5;

/** What one query was answered with. */
export interface Reading {
  target: Target;
  rows: Row[];
  sources: SourceEntry[];
  /** Texts that are cells of a CSV file. */
  cells: string[];
  /** Everything else of the frame, as text. */
  meta: string;
  error?: string;
}

/** Every kind of answer, and those that a limit changes with one. */
export function hostileTargets(): Target[] {
  const plain = allTargets();
  const more = [{ queryType: 'breakdown', groupBy: 'service', format: 'timeseries', interval: 'day' }] as const;
  const all = [...plain, ...more.map((target) => ({ ...target, refId: '' }))];
  const limited = all.filter(({ queryType }) => ['metric', 'breakdown', 'country', 'services'].includes(queryType));
  return [...all, ...limited.map((target) => ({ ...target, limit }))].map((target, index) => ({
    ...target,
    refId: `R${index}`,
  }));
}

export function titleOf(target: Target): string {
  return `${nameOf(target)}${target.limit === undefined ? '' : ` limit ${target.limit}`}`;
}

/** One reading per target, in their order. */
export function readingsOf(targets: readonly Target[], { response, error }: QueryResult): Reading[] {
  const errors = response.errors ?? [];
  return targets.map((target) => {
    const frame = resultFrames(response.data as DataFrame[]).find(({ refId }) => refId === target.refId);
    if (!frame) {
      const own = errors.find(({ refId }) => refId === target.refId)?.message;
      return { target, rows: [], sources: [], cells: [], meta: '', error: own ?? String(error ?? 'no answer') };
    }
    const isSeries = target.format === 'timeseries';
    return {
      target,
      rows: isSeries ? seriesRows(frame) : rowsOf(frame),
      sources: (frame.meta?.custom?.completeness ?? []) as SourceEntry[],
      cells: isSeries
        ? frame.fields.map(({ config }) => config.displayNameFromDS ?? '')
        : frame.fields.flatMap(({ values }) => values.filter((value: unknown) => typeof value === 'string')),
      meta: JSON.stringify(frame.meta),
    };
  });
}

/** A row for each time and series, with the labels as columns. */
function seriesRows(frame: DataFrame): Row[] {
  const [time, ...series] = frame.fields;
  return series.flatMap(({ name, labels, values }) =>
    values.map((value: unknown, index) => ({ time: time?.values[index] as unknown, series: name, ...labels, value }))
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

/** Names in brackets stand for no person. */
function pseudonymOf(user: string): string {
  if (/^\(.*\)$/.test(user)) {
    return user;
  }
  return createHmac('sha256', pseudonymKey).update(user).digest('hex').slice(0, 12);
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
