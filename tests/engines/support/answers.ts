import { type DataFrame } from '@grafana/data';
import { lastValueFrom } from 'rxjs';

import { type UsageQuery } from '../../../src/core/query';
import { type Session } from '../../../src/core/session';
import { type OscarQuery } from '../../../src/grafana/types';
import { type Row, rowsOf } from '../../../stack/conformance/frames';
import { askTogether, rowsOfAnswer } from '../../../stack/core/asking';
import { type Host, type QueryOptions, type QueryResult, type Target } from '../../../stack/host';
import { type UpstreamRequest } from '../../../stack/lib/requestLog';
import { type Range } from '../../../stack/traffic';

export type DataSource = ReturnType<Host['createDataSource']>;
export type OscarTarget = Target<OscarQuery>;

/** A source in `meta.custom.completeness`. */
export interface SourceEntry {
  source: string;
  status: 'ok' | 'partial' | 'missing';
  coverage_percent: number | null;
  notes: string[];
  /** Both ends inclusive. */
  missing: Array<{ from: string; to: string; kind: string; note: string }>;
}

/** One frame of an answer. */
export interface Answer {
  rows: Row[];
  completeness: SourceEntry[];
  /** Texts of the notices of severity warning. */
  warnings: string[];
}

/** The options of a query over a range whose end is exclusive. */
export function over({ from, to }: Range, timezone = 'utc'): QueryOptions {
  return { from, to: to - 1, timezone };
}

/** Asks and gives one answer per target, in their order. Throws when the query failed or a frame is not there. */
export async function ask(
  host: Host,
  dataSource: DataSource,
  targets: readonly OscarTarget[],
  options: QueryOptions
): Promise<Answer[]> {
  return answersOf(await host.queryOnce(dataSource, targets, options), targets.length);
}

export function answersOf({ response, error, thrown }: QueryResult, count: number): Answer[] {
  if (thrown || error !== undefined) {
    throw new Error(`the query failed: ${JSON.stringify(error)}`);
  }
  const frames: DataFrame[] = response.data;
  if (frames.length !== count) {
    throw new Error(`expected ${count} frames, got ${frames.length}`);
  }
  return frames.map((frame) => ({
    rows: rowsOf(frame),
    completeness: (frame.meta?.custom?.completeness ?? []) as SourceEntry[],
    warnings: (frame.meta?.notices ?? []).filter(({ severity }) => severity === 'warning').map(({ text }) => text),
  }));
}

/** The same from the core without Grafana. Throws when a query failed. */
export async function askCore(session: Session, queries: readonly UsageQuery[], range: Range): Promise<Answer[]> {
  const answers = await lastValueFrom(askTogether(session, queries, range));
  return answers.map((answer) => {
    if (answer.kind === 'failure') {
      throw new Error(`a query failed: ${answer.message}`);
    }
    return {
      rows: rowsOfAnswer(answer),
      completeness: answer.completeness as SourceEntry[],
      warnings: answer.notices.filter(({ severity }) => severity === 'warning').map(({ text }) => text),
    };
  });
}

/** The entry of a source; throws when the answer does not speak of it. */
export function sourceOf({ completeness }: Answer, name: string): SourceEntry {
  const entry = completeness.find(({ source }) => source === name);
  if (!entry) {
    throw new Error(`no entry of ${name} in the completeness of the answer`);
  }
  return entry;
}

/** The rows with these columns only. */
export function columnsOf(rows: readonly Row[], columns: readonly string[]): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])));
}

/** The queries that Loki was asked since the last reset. */
export function lokiQueries({ requests }: Pick<Host, 'requests'>): UpstreamRequest[] {
  return requests.filter(({ engine, path }) => engine === 'loki' && path.endsWith('/query_range'));
}
