import { stringify } from 'csv-stringify/sync';

import { type Table } from '../../src/core/reports/table';
import { zoneName } from '../range/wording';
import { tableIn, type WrittenReport } from './report';

/**
 * By RFC 4180 with line feeds alone: a header, numbers in full precision, nothing for what is not known. The last column is the time
 * zone of the range and its periods. Texts are safe in a spreadsheet already (`safeCell` of the core).
 */
export function asCsv({ answer, zone }: Pick<WrittenReport, 'answer' | 'zone'>): string {
  const { columns, length }: Table = tableIn(answer);
  const rows = Array.from({ length }, (_, row) => [
    ...columns.map(({ values }) => values[row] ?? null),
    zoneName(zone),
  ]);
  return stringify([[...columns.map(({ name }) => name), 'time_zone'], ...rows], {
    record_delimiter: 'unix',
    // Some readers take a lone carriage return for the end of a line.
    quoted_match: /[\r\n]/,
    cast: { boolean: (value) => String(value), number: (value) => String(value) },
  });
}
