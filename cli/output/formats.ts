import { asCsv } from './csv';
import { asJson, asJsonLines } from './json';
import { asMarkdown } from './markdown';
import { type WrittenReport } from './report';
import { asTable } from './table';
import { printableLines } from './text';

/** The formats of a single report; `html` is a page of its own. */
const writers = {
  table: asTable,
  csv: asCsv,
  json: asJson,
  jsonl: asJsonLines,
  md: asMarkdown,
} as const satisfies Readonly<Record<string, (report: WrittenReport) => string>>;

export const formats = [...(Object.keys(writers) as Array<keyof typeof writers>), 'html'] as const;
export type Format = (typeof formats)[number];

/** Formats that cannot say themselves what is to be known about the figures. */
export const bareFormats: ReadonlySet<Format> = new Set(['csv', 'jsonl']);

/** A report in a format. On a terminal, nothing is written that it would obey. */
export function written(report: WrittenReport, format: Exclude<Format, 'html'>, isTerminal: boolean): string {
  const text = writers[format](report);
  return isTerminal && format === 'csv' ? printableLines(text) : text;
}
