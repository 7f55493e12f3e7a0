import { startProgress } from '../lib/progress';
import { flushLoki, requestFlush } from './lokiFlush';
import { createLokiPusher } from './lokiPush';
import { startOf, type TrafficParameters } from './parameters';
import { trafficHours } from './timeline';
import type { TruthWriter } from './truthWriter';
import type { World } from './world';

export interface LogsOptions {
  /** Base address without a trailing slash. */
  lokiUrl: string;
  world: World;
  truth: TruthWriter;
}

/**
 * Loki writes chunks while the next lines come, instead of all at the end: half the time, and less memory. Hours of log
 * time, a multiple of the chunks' two hours; rare enough that the chunks which it cuts short do not count.
 */
const flushEveryHours = 240;
/** Every stream that the generator writes. */
const everything = '{app=~"oscar|ingress-nginx|traefik"}';

/**
 * Generates the log lines, writes them to Loki and the facts to the truth. Loki goes on storing them in the background.
 * Returns the number of entries.
 * @throws Error when Loki refuses lines.
 */
export async function writeLogs({ lokiUrl, world, truth }: LogsOptions): Promise<number> {
  const pusher = createLokiPusher(lokiUrl);
  const progress = startProgress('writing log lines', { total: world.parameters.lines, unit: 'requests' });
  let requests = 0;
  let entries = 0;
  let hours = 0;
  try {
    for (const hour of trafficHours(world)) {
      await pusher.add(hour.start, hour.entries);
      await truth.addHour(hour);
      entries += hour.entries.length;
      requests += hour.requests.length;
      progress.update(requests);
      if (++hours % flushEveryHours === 0) {
        await requestFlush(lokiUrl);
      }
    }
    await pusher.end();
    await requestFlush(lokiUrl);
    progress.end(`${entries} lines, ${requests} of them requests`);
  } finally {
    progress.end();
  }
  return entries;
}

/**
 * Waits until queries see that many entries. Loki must hold no lines of the same span and streams from before.
 * @throws Error when they do not become visible, or when there are more.
 */
export async function awaitLogs(lokiUrl: string, parameters: TrafficParameters, entries: number): Promise<void> {
  const progress = startProgress('waiting until Loki shows all lines');
  try {
    await flushLoki({ lokiUrl, selector: everything, from: startOf(parameters), to: parameters.end }, entries);
    progress.end('all of them can be queried');
  } finally {
    progress.end();
  }
}
