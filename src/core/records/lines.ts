import { digestOf } from './bytes';
import { type Day, dayAt, type RecordFamily, recordFamilies, spanOfDay } from './dayRecord';
import { listIn, objectIn, oneOf, requireThat, textIn, wholeIn } from './untrusted';

/** Changes when an older product could not read what a newer one writes. */
export const formatVersion = 1;

/** Characters of data in a line: Loki takes lines of 256 KB at most (`max_line_size`), and cuts or refuses longer ones. */
export const maxDataCharacters = 200_000;

/** Parts of one document. */
const maxParts = 100;

/** A document that is longer is none. */
const maxDocumentBytes = 256 * 1024 * 1024;

/** What each line of a document says of the whole, so that lines of one document have it in common. */
export interface RecordHeader {
  oscarUsageRecord: typeof formatVersion;
  family: RecordFamily;
  day: Day;
  /** ISO 8601 in UTC. The newest valid record of a day is the one that counts. */
  recordedAt: string;
  /** Version of the product that recorded. */
  product: string;
  /** Bytes of the document. */
  bytes: number;
  /** SHA-256 of the data of each part. */
  digests: readonly string[];
  /** SHA-256 of all that stands above. */
  id: string;
  /** Of the id; absent where there was no key. */
  signature?: string;
}

/** One line of a document. */
export interface RecordLine {
  header: RecordHeader;
  /** From 0 on. */
  part: number;
  /** A part of the document, compressed (gzip) and then written in base64. */
  data: string;
}

/** A line of a record, as it is written. */
export function lineOf({ header, part, data }: RecordLine): string {
  return JSON.stringify({ ...header, part, data });
}

/** What stands for all of a header. */
export function idOf(header: Omit<RecordHeader, 'id' | 'signature'>): string {
  const { oscarUsageRecord, family, day, recordedAt, product, bytes, digests } = header;
  return digestOf(JSON.stringify([oscarUsageRecord, family, day, recordedAt, product, bytes, digests]));
}

const hexDigest = /^[0-9a-f]{64}$/;

const headerKeys = [
  ...(['oscarUsageRecord', 'family', 'day', 'recordedAt', 'product', 'bytes'] as const),
  ...(['digests', 'id', 'signature?'] as const),
] as const;

/**
 * Reads what stands in a line before the number of its part (untrusted text) as the header of a record. Throws a `Refusal`.
 */
export function readHead(text: string): RecordHeader {
  return headerIn(objectIn(jsonIn(`${text}}`), headerKeys, 'the line'));
}

/**
 * Reads a line (untrusted text) as a part of a record. It must be, character by character, what `linesOf` writes. Throws a
 * `Refusal`. What it says is not known to be true before all parts of its document are there.
 */
export function readLine(text: string): RecordLine {
  requireThat(text.length <= maxDataCharacters + 20_000, 'the line is too long');
  const { part, data, ...rest } = objectIn(jsonIn(text), [...headerKeys, 'part', 'data'], 'the line');
  const header = headerIn(rest);
  const line: RecordLine = {
    header,
    part: wholeIn(part, header.digests.length - 1, 'the number of the part'),
    data: textIn(data, maxDataCharacters, 'the data'),
  };
  requireThat(
    digestOf(line.data) === header.digests[line.part],
    `the data of part ${line.part + 1} are not those of its digest`
  );
  requireThat(lineOf(line) === text, 'the line is not written as a record is');
  return line;
}

function jsonIn(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    requireThat(false, 'the line is no JSON, or it is cut off');
  }
  const version = (value as { oscarUsageRecord?: unknown } | null)?.oscarUsageRecord;
  requireThat(version !== undefined && version !== null, 'the line is no part of a usage record');
  requireThat(version === formatVersion, `the format of the record is not ${formatVersion}`);
  return value;
}

function headerIn({ signature, ...rest }: ReturnType<typeof objectIn<(typeof headerKeys)[number]>>): RecordHeader {
  const digests = listIn(rest.digests, maxParts, 'digests').map((digest) => textIn(digest, 64, 'a digest'));
  const header: RecordHeader = {
    oscarUsageRecord: formatVersion,
    family: oneOf(rest.family, recordFamilies, 'the family'),
    day: textIn(rest.day, 10, 'the day'),
    recordedAt: textIn(rest.recordedAt, 24, 'the time of recording'),
    product: textIn(rest.product, 100, 'the version of the product'),
    bytes: wholeIn(rest.bytes, maxDocumentBytes, 'the length of the document'),
    digests,
    id: textIn(rest.id, 64, 'the id'),
    ...(signature !== undefined && { signature: textIn(signature, 200, 'the signature') }),
  };
  requireTimes(header);
  requireThat(digests.every((digest) => hexDigest.test(digest)) && idOf(header) === header.id, 'the id does not fit');
  return header;
}

function requireTimes({ day, recordedAt }: RecordHeader): void {
  const span = spanOfDay(day);
  requireThat(span !== undefined, 'the day is none');
  const time = Date.parse(recordedAt);
  requireThat(!Number.isNaN(time) && new Date(time).toISOString() === recordedAt, 'the time of recording is none');
  requireThat(time >= span.end, `the record is older than the end of its day (${dayAt(time)})`);
}
