import { isoTime } from '../../src/core/domain/text';
import { type Cell } from '../../src/core/reports/report';
import { zoneName } from '../range/wording';
import { tableIn, type WrittenReport } from './report';
import { printableJson } from './text';

/** One object with the figures, and all that is known of their completeness. */
export function asJson(report: WrittenReport): string {
  const { query, range, answer, notices, zone, isComplete } = report;
  return `${printableJson(
    {
      query,
      time_zone: zoneName(zone),
      range: { from: isoTime(range.start), to: isoTime(range.end - 1), ...(range.label && { label: range.label }) },
      complete: isComplete,
      ...(answer.kind === 'table' ? { rows: rowsOf(report) } : { time_series: seriesOf(report) }),
      completeness: answer.completeness,
      notices,
    },
    2
  )}\n`;
}

/** A row each line; of a time series, a value each line. */
export function asJsonLines(report: WrittenReport): string {
  const time_zone = zoneName(report.zone);
  const lines =
    report.answer.kind === 'table'
      ? rowsOf(report)
      : seriesOf(report).flatMap(({ values, ...series }) => values.map((value) => ({ ...series, ...value })));
  return lines.map((line) => `${printableJson({ ...line, time_zone })}\n`).join('');
}

function rowsOf({ answer }: WrittenReport): Array<Record<string, Cell>> {
  const { columns, length } = tableIn(answer);
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[row] ?? null]))
  );
}

/** Names of series may be alike where labels are not. */
function seriesOf({ answer }: WrittenReport) {
  if (answer.kind !== 'timeseries') {
    return [];
  }
  const { starts, series } = answer.timeSeries;
  return series.map(({ name, labels, unit, values }) => ({
    name,
    labels,
    unit,
    values: starts.map((start, index) => ({ time: isoTime(start), value: values[index] ?? null })),
  }));
}
