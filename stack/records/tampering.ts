import { minuteMs } from '../../src/core/domain/duration';
import { type Day, type DayRecord, isCounts } from '../../src/core/records/dayRecord';
import { linesOf, type Recording } from '../../src/core/records/writeLines';

/** What may have become of the record of a day. */
export const tamperings = [
  /** Nothing. */
  'none',
  /** One of its lines is gone. */
  'part-missing',
  /** Whoever recorded the day anew died between two parts. */
  'crash',
  /** One character of its data is another one. */
  'data-changed',
  /** One digit of its header is another one. */
  'header-changed',
  /** It was counted by an older version of the patterns. */
  'older-version',
  /** It was counted with another selector. */
  'other-selectors',
  /** Lines of the day came after it was recorded. */
  'late-lines',
  /** It was recorded twice, and the lines of one were sent twice. */
  'written-twice',
  /** A newer one, with more requests, is signed with another key, and a still newer one is not signed. */
  'forged',
] as const;
export type Tampering = (typeof tamperings)[number];

/** A line of a record, and its time in ms since the epoch. */
export interface WrittenLine {
  time: number;
  line: string;
}

export interface Original {
  record: DayRecord;
  day: Day;
  /** Of the untouched record, in ms since the epoch; newer ones are some minutes younger. */
  recordedAt: number;
  secretKey?: Uint8Array;
}

const product = '0.1.0';

/** Small, so that a document has several parts. */
const partCharacters = 600;

const changes = {
  'data-changed': (line: string) =>
    line.replace(/("data":".{50})(.)/, (_, before: string, one: string) => before + (one === 'A' ? 'B' : 'A')),
  'header-changed': (line: string) =>
    line.replace(/("bytes":)(\d)/, (_, before: string, one: string) => `${before}${(Number(one) % 9) + 1}`),
} as const;

/** Signs what is forged. */
const foreignKey = new Uint8Array(32).fill(99);

/** The lines that are left of the record of a day. Throws where the record has nothing that could be changed so. */
export async function tampered(tampering: Tampering, original: Original): Promise<WrittenLine[]> {
  const { record, day, recordedAt, secretKey } = original;
  const write = async (
    own: DayRecord,
    { minutes = 0, ...further }: Partial<Recording> & { minutes?: number } = {}
  ): Promise<WrittenLine[]> => {
    const at = recordedAt + minutes * minuteMs;
    const lines = await linesOf(own, day, { recordedAt: at, product, secretKey, partCharacters, ...further });
    return lines.map((line, index) => ({ time: at + index, line }));
  };
  const whole = await write(record);
  switch (tampering) {
    case 'none':
      return whole;
    case 'part-missing':
      return whole.filter((_, index) => index !== Math.floor(whole.length / 2));
    case 'crash':
      return [...whole, ...(await write(record, { minutes: 1 })).slice(0, -1)];
    case 'data-changed':
    case 'header-changed':
      return changedIn(whole, changes[tampering]);
    case 'older-version':
      return write({ ...record, patterns: 0 });
    case 'other-selectors':
      return write({ ...record, settings: { ...record.settings, servicesNamespace: 'elsewhere' } });
    case 'late-lines':
      return write(withFewer(record));
    case 'written-twice': {
      const again = await write(record, { minutes: 1 });
      return [...whole, ...again, ...whole];
    }
    case 'forged':
      return [
        ...whole,
        ...(await write(withMore(record), { minutes: 1, secretKey: foreignKey })),
        ...(await write(withMore(record), { minutes: 2, secretKey: undefined })),
      ];
  }
}

function changedIn(lines: readonly WrittenLine[], change: (line: string) => string): WrittenLine[] {
  const middle = Math.floor(lines.length / 2);
  return lines.map(({ time, line }, index) => {
    const text = index === middle ? change(line) : line;
    if (index === middle && text === line) {
      throw new Error('nothing of the line could be changed');
    }
    return { time, line: text };
  });
}

/** What was there before a last line came; hours do not come from lines. */
function withFewer(record: DayRecord): DayRecord {
  if (!isCounts(record)) {
    return record;
  }
  const { logLines, rows } = record;
  if (logLines === undefined) {
    throw new Error('the lines of the day were not counted');
  }
  const row = rows.counts.findIndex((count) => count > 1);
  const counts = rows.counts.map((count, index) => (index === row ? count - 1 : count));
  // Where every row is of one request only, the late line is one that cannot be understood.
  return { ...record, logLines: logLines - 1, rows: { ...rows, counts } };
}

function withMore(record: DayRecord): DayRecord {
  if (!isCounts(record)) {
    return { ...record, patterns: 0 };
  }
  return { ...record, rows: { ...record.rows, counts: record.rows.counts.map((count) => count + 1000) } };
}
