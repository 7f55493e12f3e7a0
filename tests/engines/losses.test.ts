import { appendFileSync, existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Engine } from '../../stack/engines';
import { countryDatabase } from '../../stack/pipeline/mmdb';
import { managerPipeline } from '../../stack/pipeline/pipelines';
import { countOf, readLines, receivedLines, storeLines } from './support/collectedLines';
import { killCollectors, startCollector } from './support/collector';
import { openGate, type PushGate } from './support/pushGate';
import { openLoki, openScratch, type Scratch } from './support/scratch';

// The file targets and the client of the pinned module, blocked, killed and rotated under. Alloy, which has the same, is not run here.
const day = Date.parse('2026-06-15T00:00:00Z');
const selector = '{app="oscar"}';
const pipeline = managerPipeline({ servicesNamespace: 'oscar-svc', isPrivate: false });

let scratch: Scratch;
let loki: Engine;
let gate: PushGate;
let written: string[];

/** Writes requests at the end of the log, a second apart, as a container runtime does. */
function write(count: number): void {
  for (let index = 0; index < count; index++) {
    const time = new Date(day + 120_000 + written.length * 1000).toISOString();
    const line = `[GIN-EXECUTIONS-LOGGER] ${time} | 201 |   12.345678ms | 192.0.2.7 | POST    /job/a | user-${written.length}`;
    written.push(line);
    appendFileSync(join(scratch.directory, '0.log'), `${time.slice(0, -1)}000001Z stderr F ${line}\n`);
  }
}

const start = () =>
  startCollector({
    directory: join(scratch.directory, 'state'),
    lokiUrl: gate.url,
    files: [{ path: join(scratch.directory, '0.log'), pipeline, labels: { namespace: 'oscar', app: 'oscar' } }],
    database: join(scratch.directory, 'country.mmdb'),
  });

/** Every line is there, and once: as the lines themselves, and as Loki counts them. */
async function expectAll(): Promise<void> {
  await storeLines(loki.url, selector, day, written.length);
  const lines = await readLines(loki.url, selector, day);
  expect(lines.map(({ line }) => line).sort()).toEqual([...written].sort());
  expect(await countOf(loki.url, selector, day)).toBe(written.length);
}

beforeEach(async () => {
  scratch = await openScratch();
  loki = await openLoki(scratch.directory);
  gate = await openGate(loki.url);
  written = [];
  writeFileSync(join(scratch.directory, 'country.mmdb'), countryDatabase([['192.0.2.0/24', 'ES']], new Date(day)));
  writeFileSync(join(scratch.directory, '0.log'), '');
});

afterEach(async () => {
  killCollectors();
  await gate.close();
  await scratch.close();
});

it('loses nothing while Loki refuses, though the log is rotated', async () => {
  const collector = await start();
  write(300);
  await collector.atEnd();
  gate.isOpen = false;
  write(300);
  renameSync(join(scratch.directory, '0.log'), join(scratch.directory, '0.log.20260615-000000'));
  write(300);
  gate.isOpen = true;
  await collector.atEnd();
  await collector.stop();
  await expectAll();
  expect(existsSync(join(scratch.directory, 'state/running'))).toBe(false);
});

it('loses nothing when it is killed while Loki refuses, and counts nothing twice', async () => {
  const first = await start();
  write(300);
  await first.atEnd();
  await storeLines(loki.url, selector, day, 300);
  gate.isOpen = false;
  const { size } = statSync(join(scratch.directory, '0.log'));
  write(300);
  // It has noted that it read some of them, and Loki has not got any.
  await first.isBeyond(size);
  await first.kill();
  expect(await countOf(loki.url, selector, day)).toBe(300);
  write(300);
  gate.isOpen = true;
  const second = await start();
  await second.atEnd();
  await second.stop();
  await expectAll();
  const received = await receivedLines(loki.url);
  expect(received).toBeGreaterThan(written.length);

  // After an end in order it goes on where it was.
  const third = await start();
  write(100);
  await third.atEnd();
  await third.stop();
  await expectAll();
  expect(await receivedLines(loki.url)).toBe(received + 100);
});
