import { bytesOf, digestOf, packed, toBase64 } from './bytes';
import { type Day, type DayRecord } from './dayRecord';
import { documentOf } from './document';
import { formatVersion, idOf, lineOf, maxDataCharacters, type RecordHeader } from './lines';
import { signatureOf } from './signature';

export interface Recording {
  /** ms since the epoch; after the day. */
  recordedAt: number;
  product: string;
  /** Signs, where there is one. */
  secretKey?: Uint8Array;
  /** Characters of data in a line at most; as many as Loki takes when absent. */
  partCharacters?: number;
}

/** The lines that record a day, in the order of their parts. */
export async function linesOf(
  record: DayRecord,
  day: Day,
  { recordedAt, product, secretKey, partCharacters = maxDataCharacters }: Recording
): Promise<string[]> {
  const document = bytesOf(documentOf(record));
  const data = toBase64(await packed(document));
  const parts = Array.from({ length: Math.ceil(data.length / partCharacters) }, (_, part) =>
    data.slice(part * partCharacters, (part + 1) * partCharacters)
  );
  const unnamed = {
    oscarUsageRecord: formatVersion,
    family: record.family,
    day,
    recordedAt: new Date(recordedAt).toISOString(),
    product,
    bytes: document.length,
    digests: parts.map(digestOf),
  } as const;
  const id = idOf(unnamed);
  const header: RecordHeader = { ...unnamed, id, ...(secretKey && { signature: signatureOf(id, secretKey) }) };
  return parts.map((own, part) => lineOf({ header, part, data: own }));
}
