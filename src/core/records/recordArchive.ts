import { concatMap, defer, from, map, mergeMap, type Observable, of, reduce, switchMap, toArray } from 'rxjs';

import { minuteMs } from '../domain/duration';
import { isEmpty, type Span, unionOf } from '../domain/span';
import { compareText } from '../domain/text';
import { LruStore } from '../hours/cache/lruStore';
import { type MemoryBudget } from '../runtime/memoryBudget';
import { defaultLimits } from '../upstream/learnedLimits';
import { type LokiClient } from '../upstream/loki';
import { Sharing } from '../upstream/sharing';
import { type StatedLimits } from '../upstream/statedLimits';
import { type Day, type DayRecord, type RecordFamily, spanOfDay } from './dayRecord';
import { type RecordHeader } from './lines';
import { type RecordedDay, type ReadRecords, type Trust } from './readRecords';
import { askFound, askLines, type Found, windowsOver } from './recordQueries';

/** Which records are asked for. */
export interface RecordQuestion {
  /** LogQL stream selector of the records. */
  selector: string;
  trust: Trust;
  families: readonly RecordFamily[];
  /** Days of UTC that lie in it, at least in part. */
  span: Span;
  /** Asks again about what is known. */
  readAgain?: boolean;
}

/** An answer of Loki should stay below 4 MB (`grpc_server_max_recv_msg_size`). */
const bytesAtOnce = 2_500_000;
const documentsAtOnce = 60;

/** Questions that wait for their turn at the gate at most. */
const queriesAhead = 2;

/** How long it is believed which records there are. */
const believedMs = minuteMs;

/** Decoded documents, of about a hundred bytes each. */
const maxEntries = 400_000;

/** A document that is valid, or why it is not. */
type Version = { record: DayRecord } | { reason: string };

/** A day whose lines are no longer those that were recorded. */
export interface Dispute {
  day: Span;
  recordedAt: string;
  recordedLines: number;
  /** Those that Loki holds now. */
  lines: number;
}

/** What decodes and proves records: loaded where there are some, as most dashboards need none of it. */
const decoder = () => import('./readRecords');

interface Kept {
  version: Version;
  size: number;
}

/** The usage records in a Loki. Finds the newest valid one of each day, and keeps what it read. */
export class RecordArchive {
  private readonly found: Sharing<Found[]>;
  private readonly past: Sharing<Found[]>;
  private readonly versions: LruStore<Kept>;
  private readonly reading: Sharing<RecordedDay[]>;
  private readonly disputes = new Map<string, Dispute>();

  /** `now` in ms since the epoch. */
  constructor(
    private readonly now: () => number,
    private readonly limits: StatedLimits,
    memory?: MemoryBudget
  ) {
    this.found = new Sharing(now, { forMs: believedMs, isWhole: () => true });
    this.past = new Sharing(now, { isWhole: () => true });
    this.reading = new Sharing(now);
    this.versions = new LruStore(maxEntries, memory);
  }

  /** Remembers that a record and the logs of its day differ; undefined: that they do not. */
  dispute(family: RecordFamily, day: Day, dispute: Dispute | undefined): void {
    const key = `${family} ${day}`;
    if (dispute) {
      this.disputes.set(key, dispute);
    } else {
      this.disputes.delete(key);
    }
  }

  /** The disputes about days that lie in a span, at least in part. */
  disputesIn(family: RecordFamily, span: Span): Dispute[] {
    return [...this.disputes]
      .filter(([key, { day }]) => key.startsWith(`${family} `) && day.start < span.end && day.end > span.start)
      .map(([, dispute]) => dispute);
  }

  /** Forgets all records. */
  clear(): void {
    this.disputes.clear();
    [this.found, this.past, this.reading, this.versions].forEach((kept) => kept.clear());
  }

  /** What there is about days, by day and family; what is not signed as it should be counts as not there. Emits once; errors as the queries do. */
  find(client: LokiClient, question: RecordQuestion): Observable<RecordedDay[]> {
    const { selector, trust, families, span, readAgain = false } = question;
    const key = JSON.stringify([
      client.uid,
      selector,
      families,
      span,
      readAgain,
      trust.publicKey && [...trust.publicKey],
    ]);
    if (readAgain) {
      this.reading.forget(key);
    }
    return this.reading.get(key, () => this.read(readAgain ? client.fresh() : client, question));
  }

  private read(client: LokiClient, question: RecordQuestion): Observable<RecordedDay[]> {
    const { selector, trust, families, span } = question;
    const isAsked = ({ header: { family, day } }: Found) => {
      const own = spanOfDay(day);
      return own !== undefined && families.includes(family) && own.start < span.end && own.end > span.start;
    };
    return this.foundIn(client, question).pipe(
      map((found) => found.filter(isAsked)),
      switchMap((found) =>
        found.length === 0
          ? of([])
          : from(decoder()).pipe(
              map(({ isTrusted }) => byDay(found.filter(({ header }) => isTrusted(header, trust)))),
              switchMap((days) => this.settle(client, selector, days))
            )
      )
    );
  }

  /** All documents that may be about the span: a record is written when its day is over. */
  private foundIn(client: LokiClient, { selector, span, readAgain }: RecordQuestion): Observable<Found[]> {
    return defer(() => {
      const now = this.now();
      // Up to a full minute, so that panels ask the same; what was written in this millisecond is read, too.
      const end = (Math.floor(now / minuteMs) + 1) * minuteMs;
      const asked = { start: span.start, end };
      if (isEmpty(asked)) {
        return of([]);
      }
      return this.limits.of(client).pipe(
        switchMap(({ maxLengthMs = defaultLimits().maxLengthMs }) =>
          from(windowsOver(asked, maxLengthMs)).pipe(
            mergeMap((window) => {
              const sharing = window.end < end - believedMs ? this.past : this.found;
              const key = JSON.stringify([client.uid, selector, window]);
              if (readAgain) {
                sharing.forget(key);
              }
              return sharing.get(key, () => askFound(client, selector, window));
            }, queriesAhead),
            reduce((all, some) => [...all, ...some], [] as Found[])
          )
        )
      );
    });
  }

  /** The newest valid one of each day: reads the newest ones, and the next ones of those days of which these are not valid. */
  private settle(client: LokiClient, selector: string, days: readonly Candidates[]): Observable<RecordedDay[]> {
    const open = days.flatMap(({ versions }) => versions.slice(0, 1));
    return this.load(client, selector, open).pipe(
      switchMap((versionOf) => {
        const settled: RecordedDay[] = [];
        const next: Candidates[] = [];
        for (const { family, day, refused, versions } of days) {
          const [newest, ...older] = versions;
          const version = newest && versionOf.get(keyOf(newest.header));
          if (!newest || !version) {
            settled.push({ family, day, refused });
          } else if ('record' in version) {
            settled.push({ family, day, refused, valid: { header: newest.header, record: version.record } });
          } else {
            const { recordedAt } = newest.header;
            next.push({ family, day, versions: older, refused: [...refused, { recordedAt, reason: version.reason }] });
          }
        }
        const rest$ = next.length > 0 ? this.settle(client, selector, next) : of([]);
        return rest$.pipe(
          map((rest) =>
            [...settled, ...rest].sort((a, b) => compareText(a.day, b.day) || compareText(a.family, b.family))
          )
        );
      })
    );
  }

  /** Documents as they were read, valid or not. */
  private load(client: LokiClient, selector: string, wanted: readonly Document[]): Observable<Map<string, Version>> {
    const versions = new Map<string, Version>();
    const open = wanted.filter(({ header }) => {
      const kept = this.versions.get(keyOf(header));
      if (kept) {
        versions.set(keyOf(header), kept.version);
      }
      return !kept;
    });
    return from(pagesOf(open)).pipe(
      mergeMap((page) => linesOf(client, selector, page).pipe(map((lines) => ({ page, lines }))), queriesAhead),
      concatMap(async ({ page, lines }) => ({ page, read: await (await decoder()).readRecords(lines) })),
      toArray(),
      map((pages) => {
        for (const { header, version } of pages.flatMap(({ page, read }) => versionsOf(page, read))) {
          versions.set(keyOf(header), version);
          // One of which a part is missing may be whole a moment later.
          if ('record' in version) {
            this.versions.set(keyOf(header), { version, size: Math.ceil(header.bytes / 50) });
          }
        }
        return versions;
      })
    );
  }
}

/** A document, and when its parts were written. */
interface Document {
  header: RecordHeader;
  bytes: number;
  windows: Span[];
}

/** What there may be about a day: its documents, the newest one first. */
interface Candidates {
  family: RecordFamily;
  day: Day;
  versions: readonly Document[];
  refused: RecordedDay['refused'];
}

/** The id stands for all of the header but the signature. */
function keyOf({ id, signature = '' }: RecordHeader): string {
  return `${id} ${signature}`;
}

function byDay(found: readonly Found[]): Candidates[] {
  const documents = new Map<string, Document>();
  for (const { header, bytes, window } of found) {
    const known = documents.get(keyOf(header));
    documents.set(keyOf(header), {
      header,
      bytes: bytes + (known?.bytes ?? 0),
      windows: unionOf([...(known?.windows ?? []), window]),
    });
  }
  const days = new Map<string, Document[]>();
  for (const document of documents.values()) {
    const key = `${document.header.family} ${document.header.day}`;
    days.set(key, [...(days.get(key) ?? []), document]);
  }
  return Array.from(days.values(), (versions) => {
    versions.sort(({ header: a }, { header: b }) => compareText(b.recordedAt, a.recordedAt) || compareText(b.id, a.id));
    const { family, day } = (versions[0] as Document).header;
    return { family, day, versions, refused: [] };
  });
}

/** Documents that one query may read: those that were written in the same windows, and not too many of them. */
function pagesOf(documents: readonly Document[]): Document[][] {
  const pages: Array<{ key: string; bytes: number; documents: Document[] }> = [];
  const sorted = documents
    .map((document) => ({ document, key: JSON.stringify(document.windows) }))
    .sort((a, b) => compareText(a.key, b.key) || compareText(a.document.header.day, b.document.header.day));
  for (const { document, key } of sorted) {
    const last = pages[pages.length - 1];
    if (last?.key === key && last.bytes + document.bytes <= bytesAtOnce && last.documents.length < documentsAtOnce) {
      last.documents.push(document);
      last.bytes += document.bytes;
    } else {
      pages.push({ key, bytes: document.bytes, documents: [document] });
    }
  }
  return pages.map((page) => page.documents);
}

/** The lines of the documents of a page. */
function linesOf(client: LokiClient, selector: string, page: readonly Document[]): Observable<string[]> {
  const ids = page.map(({ header }) => header.id);
  return from(page[0]?.windows ?? []).pipe(
    concatMap((window) => askLines(client, selector, window, ids)),
    reduce((all, lines) => [...all, ...lines], [] as string[])
  );
}

/** What was read of the documents of a page, of which no two are about the same day of a family. */
function versionsOf(
  page: readonly Document[],
  { days, strangers }: ReadRecords
): Array<{ header: RecordHeader; version: Version }> {
  return page.map(({ header }) => {
    const own = days.find(({ family, day }) => family === header.family && day === header.day);
    // The id stands for all that it holds; lines with another signature may have been written by others.
    if (own?.valid?.header.id === header.id) {
      return { header, version: { record: own.valid.record } };
    }
    return { header, version: { reason: own?.refused[0]?.reason ?? strangers[0] ?? 'its lines are not there' } };
  });
}
