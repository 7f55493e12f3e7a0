import { type DataFrame } from '@grafana/data';

import { columnProblems } from './columns';

/** A row of a frame: column name → value. */
export type Row = Readonly<Record<string, unknown>>;

/** What is wrong with a response's frames, by the contract; empty when all is well. Annotation frames do not count. */
export function frameProblems(
  frames: readonly DataFrame[],
  query: Readonly<Record<string, unknown>>,
  refId: string
): string[] {
  const [frame, ...others] = resultFrames(frames);
  if (!frame || others.length > 0) {
    return [`expected exactly one frame, got ${others.length + (frame ? 1 : 0)}`];
  }
  const problems: string[] = [];
  if (frame.refId !== refId) {
    problems.push(`frame.refId is ${JSON.stringify(frame.refId)}, expected ${JSON.stringify(refId)}`);
  }
  if (query.format !== 'timeseries' && frame.name !== query.queryType) {
    problems.push(`frame.name is ${JSON.stringify(frame.name)}, expected ${JSON.stringify(query.queryType)}`);
  }
  const names = frame.fields.map(({ name }) => name);
  problems.push(...columnProblems(names, query));
  const lengths = new Set([frame.length, ...frame.fields.map(({ values }) => values.length)]);
  if (lengths.size > 1) {
    problems.push(`columns have different lengths: ${[...lengths].join(', ')}`);
  }
  return problems;
}

/** The frames without annotations. */
export function resultFrames(frames: readonly DataFrame[]): DataFrame[] {
  return frames.filter(({ meta }) => meta?.dataTopic !== 'annotations');
}

export function rowsOf(frame: DataFrame): Row[] {
  return Array.from({ length: frame.length }, (_, index) =>
    Object.fromEntries(frame.fields.map(({ name, values }) => [name, values[index]] as const))
  );
}

/**
 * Source → status from `meta.custom.completeness`: a list of `{source, status}`, an object with such a list as
 * `sources`, or an object from source to status or to `{status}`.
 */
export function sourceStatuses(frame: DataFrame): Map<string, unknown> {
  return statusesOf(frame.meta?.custom?.completeness);
}

function statusesOf(value: unknown): Map<string, unknown> {
  if (Array.isArray(value)) {
    return new Map(value.filter(isObject).map((item) => [String(item.source), item.status] as const));
  }
  if (!isObject(value)) {
    return new Map();
  }
  if (isObject(value.sources)) {
    return statusesOf(value.sources);
  }
  return new Map(Object.entries(value).map(([source, item]) => [source, isObject(item) ? item.status : item] as const));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
