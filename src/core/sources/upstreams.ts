import { minuteMs } from '../domain/duration';
import { type SourceName } from '../domain/sources';
import { LokiWitness } from '../evidence/lokiEvidence';
import { PrometheusWitness } from '../evidence/prometheusEvidence';
import { LruStore } from '../hours/cache/lruStore';
import { type KeptWindow } from '../hours/cache/settledWindows';
import { type KeptCompletions } from '../hours/cpu/askDays';
import { type CpuWindowView } from '../hours/cpu/window';
import { type KeptSlots } from '../hours/scrapes/scrapeSlotCache';
import { type UsageWindow } from '../hours/view';
import { keyIn } from '../records/key';
import { RecordArchive } from '../records/recordArchive';
import { recordedReader } from '../records/recordedReader';
import { type RecordSource, usableDays } from '../records/usableDays';
import { Ledgers } from '../requests/ledgers';
import { MemoryBudget } from '../runtime/memoryBudget';
import { type Settings } from '../settings';
import { type Connections, lokiClient, prometheusClient } from '../upstream/connections';
import { Gate } from '../upstream/gate';
import { gatedTransport } from '../upstream/gatedTransport';
import { type LokiClient } from '../upstream/loki';
import { wholeChunksTransport } from '../upstream/lostChunks';
import { type PrometheusClient } from '../upstream/prometheus';
import { provenTransport } from '../upstream/proof';
import { Refusals } from '../upstream/refusals';
import { defaultRetryPolicy, type RetryPolicy } from '../upstream/retry';
import { forPurpose, SentQueries } from '../upstream/sentQueries';
import { Sharing } from '../upstream/sharing';
import { StatedLimits } from '../upstream/statedLimits';
import { type Engine, engineOf } from '../upstream/transport';
import { Rounds } from './rounds';

/** Requests under way at the same time. Grafana lets five through for a whole page; others need some of them. */
const maxRequests = 3;

/** Of these, so many may go to one engine: a slow Prometheus does not hold Loki up. */
const maxRequestsByEngine: Partial<Record<Engine, number>> = { prometheus: 2 };

/** Hours of one service in one window, kept for each of CPU and the rest: a year of 400 services by the day. */
const maxUsageEntries = 150_000;

/** The purpose of questions about the store of Prometheus (`SentQueries`). */
export const ofStore = 'prometheus-store';

/** The ways to the upstreams, and what is kept of their answers. */
export interface Upstreams {
  /** For what a source asks of Loki. Throws as of `Connections`. */
  loki: (source: SourceName) => LokiClient;
  /** For what a source asks of Prometheus, or for what Prometheus says of itself. Throws as of `Connections`. */
  prometheus: (purpose: SourceName | typeof ofStore) => PrometheusClient;
  /** The same ways for other questions. */
  connections: Connections;
  /** What was sent. */
  sentQueries: SentQueries;
  refusals: Refusals;
  prometheusWitness: PrometheusWitness;
  ledgers: Ledgers;
  lokiWitness: LokiWitness;
  /** Usage records, and how they are judged; undefined where none are used. */
  records: RecordSource | undefined;
  recordArchive: RecordArchive;
  /** What was answered lately, for those who ask about the same range. */
  rounds: Rounds;
  /** Settled windows of CPU hours. */
  cpuWindows: LruStore<KeptWindow<CpuWindowView>>;
  /** Completed pods of whole days. */
  cpuCompletions: LruStore<KeptCompletions>;
  /** Settled windows of GPU hours and of the options' own queries. */
  usageWindows: LruStore<KeptWindow<UsageWindow>>;
  /** Where labels of pods were exported. */
  labelsSeen: Sharing<boolean>;
  /** When series were scraped. */
  scrapedSlots: LruStore<KeptSlots>;
}

/** Upstreams of which nothing is kept yet. `now` gives ms since the epoch. */
export function openUpstreams(
  settings: Settings,
  connections: Connections,
  now: () => number,
  retryPolicy: RetryPolicy = defaultRetryPolicy
): Upstreams {
  const cacheBytes = settings.cacheMegabytes * 1024 * 1024;
  const memory = new MemoryBudget(cacheBytes);
  const statedLimits = new StatedLimits(now);
  const sentQueries = new SentQueries(now);
  const rounds = new Rounds(now, memory);
  const refusals = new Refusals((refused) => {
    [...ofEngine[engineOf(refused)], rounds].forEach((cache) => cache.clear());
    sentQueries.forgetAllBut(refused);
  });
  const recorded = sentQueries.recorded(provenTransport(connections.transport));
  const gate = new Gate(maxRequests, { limitByKey: maxRequestsByEngine });
  const transport = refusals.watched(gatedTransport(wholeChunksTransport(recorded, now), gate, retryPolicy));
  const by = (purpose?: string): Connections => ({
    ...connections,
    transport: purpose === undefined ? transport : forPurpose(transport, purpose),
  });
  const recordArchive = new RecordArchive(now, statedLimits, memory);
  const records = recordSourceOf(settings, recordArchive, statedLimits, now);
  const ofLoki = {
    recordArchive,
    ledgers: new Ledgers({
      settleDelayMs: settings.settleDelayMinutes * minuteMs,
      cacheBytes,
      memory,
      now,
      statedLimits,
      earlierReaders: (client, family) =>
        records ? [recordedReader((spans, isFresh) => usableDays(records, client, family, spans, isFresh))] : [],
    }),
    lokiWitness: new LokiWitness(now, statedLimits),
  };
  const ofPrometheus = {
    prometheusWitness: new PrometheusWitness(now),
    labelsSeen: new Sharing<boolean>(now, { isWhole: (seen) => seen }),
    cpuWindows: new LruStore<KeptWindow<CpuWindowView>>(maxUsageEntries, memory),
    cpuCompletions: new LruStore<KeptCompletions>(maxUsageEntries, memory),
    usageWindows: new LruStore<KeptWindow<UsageWindow>>(maxUsageEntries, memory),
    scrapedSlots: new LruStore<KeptSlots>(maxUsageEntries, memory),
  };
  // What is kept of an engine is dropped when it no longer lets this user read.
  const ofEngine: Record<Engine, ReadonlyArray<{ clear: () => void }>> = {
    loki: Object.values(ofLoki),
    prometheus: Object.values(ofPrometheus),
  };
  return {
    loki: (source) => lokiClient(by(source), retryPolicy),
    prometheus: (purpose) => prometheusClient(by(purpose), retryPolicy),
    connections: by(),
    sentQueries,
    refusals,
    rounds,
    records,
    ...ofLoki,
    ...ofPrometheus,
  };
}

function recordSourceOf(
  settings: Settings,
  archive: RecordArchive,
  limits: StatedLimits,
  now: () => number
): RecordSource | undefined {
  const { recordsSelector: selector, recordsPublicKey } = settings;
  const trust = recordsPublicKey === '' ? {} : { publicKey: keyIn(recordsPublicKey) };
  return selector === '' ? undefined : { archive, limits, selector, trust, settings, now };
}
