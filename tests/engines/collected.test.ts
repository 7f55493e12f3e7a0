import { join } from 'node:path';

import { createHost, type Host } from '../../stack/host';
import { ingressPipeline, managerPipeline } from '../../stack/pipeline/pipelines';
import { createParameters } from '../../stack/traffic';
import { flushLoki } from '../../stack/traffic/lokiFlush';
import { type Answer, ask, over, sourceOf } from './support/answers';
import { receivedLines, refusedLines } from './support/collectedLines';
import { writeTraffic, type WrittenTraffic } from './support/collectedTraffic';
import { killCollectors, startCollector } from './support/collector';
import { exactReports } from './support/expectedRows';
import { openLoki, openScratch, type Scratch } from './support/scratch';
import { fixedTraffic } from './support/traffic';

// Log files of a cluster, through the pipeline of deploy/, into a real Loki, and the reports over it: they must be what really happened.
const traffic = createParameters({ ...fixedTraffic, days: 8, lines: 6000, users: 200, services: 20, countries: 12 });
const range = { from: traffic.end - 8 * 86_400_000, to: traffic.end };
const pipelineOptions = { servicesNamespace: 'oscar-svc', isPrivate: false };
const everything = '{app=~"oscar|ingress-nginx|traefik"}';
/** Those that need no Prometheus. */
const reports = exactReports.filter(({ target }) => target.queryType !== 'summary');

let scratch: Scratch;
let host: Host;
let written: WrittenTraffic;
let received: number;
let answers: Answer[];

beforeAll(async () => {
  scratch = await openScratch();
  // The collector's stages work side by side, so that a line may overtake another one. Here these are hours apart.
  const loki = await openLoki(scratch.directory, undefined, { maxChunkAge: '480h' });
  const pipelines = { manager: managerPipeline(pipelineOptions), ingress: ingressPipeline(pipelineOptions) };
  written = await writeTraffic(scratch.directory, traffic, pipelines);
  const { files, database } = written;
  const collector = await startCollector({
    directory: join(scratch.directory, 'collector'),
    lokiUrl: loki.url,
    files,
    database,
  });
  await collector.atEnd();
  await collector.stop();
  expect(await refusedLines(loki.url)).toBe(0);
  received = await receivedLines(loki.url);
  await flushLoki({ lokiUrl: loki.url, selector: everything, from: range.from, to: range.to }, received);
  host = await createHost({ lokiUrl: loki.url });
  answers = await ask(
    host,
    host.createDataSource(),
    reports.map(({ target }) => target),
    over(range)
  );
});

afterAll(async () => {
  killCollectors();
  await scratch?.close();
});

it('gives the figures of what really happened', () => {
  const differences = reports.flatMap(({ target, differences: differ }, index) =>
    differ(answers[index] as Answer, written.truth, range).map((text) => `${target.queryType}: ${text}`)
  );
  expect(differences.slice(0, 10)).toEqual([]);
});

it('leaves no doubt about the logs', () => {
  const [first] = answers as [Answer];
  expect(sourceOf(first, 'request-logs')).toMatchObject({ status: 'ok' });
  expect(sourceOf(first, 'exposed-request-logs')).toMatchObject({ status: 'ok' });
});

it('sends a part of the lines only', () => {
  // Half of the requests have a second line, and probes come on top.
  expect(received / written.entries).toBeLessThan(0.8);
});
