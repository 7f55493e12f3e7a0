import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { resolveBinaries, startLoki } from '../../stack/engines';
import { createHost, type Host } from '../../stack/host';
import { silentLog } from '../../stack/lib/progress';
import { type OpenStack } from '../../stack/openStack';
import { expectedSummary } from '../../stack/traffic';
import { ask, type DataSource, over, sourceOf } from './support/answers';
import { type Clock, holdClock } from './support/clock';
import { openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, lastDays, openTraffic } from './support/traffic';

const traffic = { ...fixedTraffic, days: 5, lines: 3000, users: 60 };
const range = lastDays(traffic, 4);

/** Files that are damaged: some of them hold lines of the manager. */
const damagedFiles = 40;

let scratch: Scratch;
let stack: OpenStack;
let host: Host;
let dataSource: DataSource;
let clock: Clock;
/** Contents of the damaged files, as they were. */
const whole = new Map<string, Buffer>();

/** The files of chunks, largest first. */
function chunkFiles(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return paths.sort((a, b) => statSync(b).size - statSync(a).size);
}

beforeAll(async () => {
  scratch = await openScratch();
  stack = await openTraffic(scratch.directory, traffic);
  await stack.loki.stop();
  const dataDirectory = join(scratch.directory, 'loki');
  // What it wrote ahead would be written to the files again, and what it holds in memory would hide the damage.
  rmSync(join(dataDirectory, 'wal'), { recursive: true, force: true });
  for (const file of chunkFiles(join(dataDirectory, 'chunks', 'fake')).slice(0, damagedFiles)) {
    const content = readFileSync(file);
    whole.set(file, content);
    writeFileSync(file, content.subarray(0, Math.floor(content.length / 2)));
  }
  const { loki } = await resolveBinaries(silentLog);
  const engine = await startLoki({ binary: loki, dataDirectory, preferredPort: 0 });
  host = await createHost({ lokiUrl: engine.url, prometheusUrl: stack.prometheus.url });
  dataSource = host.createDataSource();
  clock = holdClock();
});

afterAll(async () => {
  clock?.release();
  await scratch?.close();
});

it('says that chunks could not be read, which Loki does not', async () => {
  const [answer] = await ask(host, dataSource, [{ queryType: 'summary' }], over(range));
  const logs = sourceOf(answer!, 'request-logs');
  const total = Number(answer?.rows[0]?.['requests_count_total']);
  expect(total).toBeLessThan(expectedSummary(stack.truth, range).requests_count_total);
  expect(total).toBeGreaterThan(0);
  expect(logs.status).toBe('partial');
  expect(logs.notes.join()).toContain('some chunks of lines could not be read');
  expect(answer?.warnings.join()).toContain('some chunks of lines could not be read');
});

it('keeps nothing of it: all is there as soon as the chunks are', async () => {
  for (const [file, content] of whole) {
    writeFileSync(file, content);
  }
  // Panels that ask within two seconds share an answer.
  clock.move(2500);
  const [answer] = await ask(host, dataSource, [{ queryType: 'summary' }], over(range));
  expect(Number(answer?.rows[0]?.['requests_count_total'])).toBe(
    expectedSummary(stack.truth, range).requests_count_total
  );
  expect(sourceOf(answer!, 'request-logs')).toMatchObject({ status: 'ok', coverage_percent: 100 });
});
