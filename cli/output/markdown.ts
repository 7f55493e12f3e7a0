import { rangeText, zoneName } from '../range/wording';
import { queryTitle, tableIn, type WrittenReport } from './report';
import { isNumeric, printable, shownCell } from './text';

/** A table of GitHub's Markdown, with what is to be known about it. */
export function asMarkdown({ query, range, zone, answer, notices, isComplete }: WrittenReport): string {
  const { columns, length } = tableIn(answer);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = Array.from({ length }, (_, row) =>
    line(columns.map(({ type, values }) => markdownText(shownCell(values[row] ?? null, type))))
  );
  return [
    `**${markdownText(queryTitle(query))}**, ${markdownText(rangeText(range, zone))}, time zone ${markdownText(zoneName(zone))}`,
    '',
    line(columns.map(({ name }) => markdownText(name))),
    line(columns.map((column) => (isNumeric(column) ? '---:' : '---'))),
    ...rows,
    '',
    ...notices.map(({ severity, text }) => `- ${severity}: ${markdownText(text)}`),
    `- complete: ${isComplete ? 'yes' : 'no'}`,
    '',
  ].join('\n');
}

/** Text that Markdown shows as it is, in a cell of a table too: no mark, no HTML, no link. */
export function markdownText(text: string): string {
  return printable(text)
    .replace(/&/g, '&amp;')
    .replace(/[\\`*[\]<>|~$#]/g, (sign) => `\\${sign}`)
    .replace(/(^|[^A-Za-z0-9])_|_(?![A-Za-z0-9])/g, (found) => found.replace('_', '\\_'))
    .replace(/:\/\//g, '&#58;//')
    .replace(/www\./gi, (found) => `${found.slice(0, -1)}&#46;`);
}
