import { compareText } from '../domain/text';
import { fromBase64, textOf, unpacked } from './bytes';
import { type Day, type DayRecord, type RecordFamily } from './dayRecord';
import { readLine, type RecordHeader, type RecordLine } from './lines';
import { readDocument } from './readDocument';
import { isSigned } from './signature';
import { Refusal, requireThat } from './untrusted';

/** A day as it was recorded. */
export interface ValidRecord {
  header: RecordHeader;
  record: DayRecord;
}

/** What there is about a day of one family. */
export interface RecordedDay {
  family: RecordFamily;
  day: Day;
  /** The newest one that is valid; absent where none is. */
  valid?: ValidRecord;
  /** Records of the day that are newer than the valid one and are not valid themselves, and why. */
  refused: Array<{ recordedAt: string; reason: string }>;
}

export interface ReadRecords {
  days: RecordedDay[];
  /** Lines that are no part of any record, and why. */
  strangers: string[];
}

/** Whom to believe. */
export interface Trust {
  /** With it, only records that are signed with the key that belongs to it count. */
  publicKey?: Uint8Array;
}

/** Parts of one document, by their numbers. */
type Parts = { header: RecordHeader; data: Map<number, string> };

/**
 * Reads lines (untrusted texts, in any order, each as often as you like) as records, the newest valid one of each day and family.
 * Never rejects: what is not valid is named, with the reason.
 */
export async function readRecords(lines: readonly string[], trust: Trust = {}): Promise<ReadRecords> {
  const documents = new Map<string, Parts>();
  const strangers: string[] = [];
  for (const text of lines) {
    try {
      const { header, part, data } = trusted(readLine(text), trust);
      // The id stands for all of the header but the signature.
      const key = `${header.id} ${header.signature ?? ''}`;
      const document: Parts = documents.get(key) ?? { header, data: new Map<number, string>() };
      documents.set(key, document);
      document.data.set(part, data);
    } catch (error) {
      strangers.push(reasonOf(error));
    }
  }
  const byDay = new Map<string, Parts[]>();
  for (const parts of documents.values()) {
    const key = `${parts.header.family} ${parts.header.day}`;
    byDay.set(key, [...(byDay.get(key) ?? []), parts]);
  }
  const days: RecordedDay[] = [];
  for (const versions of byDay.values()) {
    days.push(await newestOf(versions));
  }
  days.sort((a, b) => compareText(a.day, b.day) || compareText(a.family, b.family));
  return { days, strangers };
}

/** True where a record counts if it is valid. */
export function isTrusted({ id, signature }: RecordHeader, { publicKey }: Trust): boolean {
  return publicKey === undefined || (signature !== undefined && isSigned(id, signature, publicKey));
}

function trusted(line: RecordLine, trust: Trust): RecordLine {
  const { signature } = line.header;
  requireThat(!trust.publicKey || signature !== undefined, 'the record is not signed');
  requireThat(isTrusted(line.header, trust), 'the signature is not that of the key');
  return line;
}

async function newestOf(versions: readonly Parts[]): Promise<RecordedDay> {
  const sorted = [...versions].sort(
    ({ header: a }, { header: b }) => compareText(b.recordedAt, a.recordedAt) || compareText(b.id, a.id)
  );
  const { family, day } = (sorted[0] as Parts).header;
  const refused: RecordedDay['refused'] = [];
  for (const { header, data } of sorted) {
    try {
      return { family, day, valid: { header, record: await documentIn(header, data) }, refused };
    } catch (error) {
      refused.push({ recordedAt: header.recordedAt, reason: reasonOf(error) });
    }
  }
  return { family, day, refused };
}

async function documentIn({ family, day, bytes, digests }: RecordHeader, data: Parts['data']): Promise<DayRecord> {
  const parts = digests.map((_, part) => data.get(part));
  const missing = parts.filter((part) => part === undefined).length;
  requireThat(missing === 0 && parts.length > 0, `${missing} of its ${parts.length} parts are missing`);
  let text: string;
  try {
    text = textOf(await unpacked(fromBase64(parts.join('')), bytes));
  } catch (error) {
    throw new Refusal(`the document cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
  return readDocument(text, family, day);
}

/** What is not a refusal is a fault of ours, and no reason to believe the record either. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
