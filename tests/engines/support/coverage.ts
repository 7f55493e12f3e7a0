import { type Range } from '../../../stack/traffic';
import { type SourceEntry } from './answers';

/** What a source covers of a range, by its own statement: the range without the missing spans, ascending. */
export function coveredRanges({ missing }: SourceEntry, range: Range): Range[] {
  const gaps = missing
    .map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) + 1 }))
    .sort((a, b) => a.from - b.from);
  const covered: Range[] = [];
  let from = range.from;
  for (const gap of gaps) {
    if (gap.from > from) {
      covered.push({ from, to: gap.from });
    }
    from = Math.max(from, gap.to);
  }
  if (from < range.to) {
    covered.push({ from, to: range.to });
  }
  return covered;
}
