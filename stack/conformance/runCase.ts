import { type DataFrame } from '@grafana/data';

import { type Host, type QueryResult } from '../host';
import { disagreements } from './agreement';
import { type ConformanceCase } from './caseFile';
import { isFlagged, rowDifferences, sourceDifferences } from './compare';
import { frameProblems, resultFrames, rowsOf, sourceStatuses } from './frames';
import { isolatedOptions } from './isolation';

export type Outcome = { kind: 'passed' } | { kind: 'failed'; differences: readonly string[] };

const refId = 'A';

/** Asks a fresh instance of the plugin and compares; `caseId` is the value of the case's stream label. */
export async function runCase(host: Host, testCase: ConformanceCase, caseId: string): Promise<Outcome> {
  const dataSource = host.createDataSource(isolatedOptions(testCase, caseId));
  host.resetRequests();
  const range = { from: testCase.from, to: testCase.to, timezone: testCase.timezone };
  const result = await host.queryOnce(dataSource, { ...testCase.query, refId }, range);
  const asked = host.requests.map(({ engine }) => engine);
  const table =
    testCase.expect.error === undefined
      ? await host.queryOnce(dataSource, { ...tableQueryOf(testCase.query), refId }, range)
      : undefined;
  const differences =
    testCase.expect.error === undefined
      ? [...resultDifferences(result, testCase, table), ...upstreamDifferences(asked, testCase.expect.upstream)]
      : errorDifferences(result, testCase.expect.error, asked.length);
  return differences.length === 0 ? { kind: 'passed' } : { kind: 'failed', differences };
}

/** The question for the completeness of the same range as a whole. */
function tableQueryOf({ minimumCoveragePercent }: Readonly<Record<string, unknown>>) {
  return { queryType: 'completeness', ...(minimumCoveragePercent !== undefined && { minimumCoveragePercent }) };
}

function resultDifferences(result: QueryResult, { query, expect }: ConformanceCase, table?: QueryResult): string[] {
  if (result.error !== undefined) {
    return [`the query failed: ${messageOf(result.error)}`];
  }
  if (result.packets === 0) {
    return ['the query ended without an answer'];
  }
  const frames: DataFrame[] = result.response.data;
  const problems = frameProblems(frames, query, refId);
  const [frame] = resultFrames(frames);
  if (!frame) {
    return problems;
  }
  const statuses = sourceStatuses(frame);
  const rows = isFlagged(statuses, expect.orFlagged ?? []) ? undefined : expect.rows;
  return [
    ...problems,
    ...disagreements(frame, table && resultFrames(table.response.data)[0]),
    ...(rows ? rowDifferences(rowsOf(frame), rows) : []),
    ...(expect.sources ? sourceDifferences(statuses, expect.sources) : []),
  ];
}

function upstreamDifferences(asked: readonly string[], only?: string): string[] {
  const engines = [...new Set(asked)].sort();
  return only === undefined || (engines.length === 1 && engines[0] === only)
    ? []
    : [`expected requests to ${only} only, got ${asked.length} to ${engines.join(' and ') || 'no engine'}`];
}

function errorDifferences(result: QueryResult, expected: string, requests: number): string[] {
  const differences: string[] = [];
  if (result.error === undefined) {
    differences.push(`expected an error with ${JSON.stringify(expected)}, the query succeeded`);
  } else if (!messageOf(result.error).includes(expected)) {
    differences.push(`expected an error with ${JSON.stringify(expected)}, got: ${messageOf(result.error)}`);
  }
  if (requests > 0) {
    differences.push(`expected nothing to be sent upstream, ${requests} requests were`);
  }
  return differences;
}

/** The message of an Error, a DataQueryError or a FetchError. */
function messageOf(error: unknown): string {
  const { message, data, statusText } = (error ?? {}) as {
    message?: string;
    data?: { message?: string } | null;
    statusText?: string;
  };
  return message ?? data?.message ?? statusText ?? JSON.stringify(error);
}
