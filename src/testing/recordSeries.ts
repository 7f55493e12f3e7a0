/** A line with its time in ns since the epoch. */
export interface StoredLine {
  ns: bigint;
  line: string;
}

interface Series {
  metric: Readonly<Record<string, string>>;
  values: Array<[number, string]>;
}

/** True for a question about usage records (`core/records/recordQueries.ts`). */
export function isAboutRecords(query: string): boolean {
  return query.includes('by (oscar_record)');
}

/** What Loki answers to a question about usage records: the label of each line, with the lines or bytes that have it. */
export function recordSeries(lines: readonly StoredLine[], query: string, end: string): Series[] {
  const filters = [...query.matchAll(/(\|[=~]) ("(?:[^"\\]|\\.)*")/g)].map(([, operator, quoted = '""']) => {
    const text = JSON.parse(quoted) as string;
    const pattern = new RegExp(text);
    return (line: string) => (operator === '|=' ? line.includes(text) : pattern.test(line));
  });
  const isOfHeads = query.includes(',"part":<_>');
  const labelOf = (line: string) => (isOfHeads ? /^(.*?),"part":/.exec(line)?.[1] : line);
  const rangeMs = BigInt(/\[(\d+)ms\] offset 1ms/.exec(query)?.[1] ?? '0');
  const until = BigInt(end) - 1_000_000n;
  const after = until - rangeMs * 1_000_000n;
  const sums = new Map<string, number>();
  for (const { ns, line } of lines) {
    const label = labelOf(line);
    if (label !== undefined && ns > after && ns <= until && filters.every((passes) => passes(line))) {
      sums.set(label, (sums.get(label) ?? 0) + (query.includes('bytes_over_time') ? line.length : 1));
    }
  }
  return Array.from(sums, ([label, sum]) => ({
    metric: { oscar_record: label },
    values: [[Number(end) / 1e9, String(sum)]],
  }));
}
