import { join } from 'node:path';

import { dayMs, hourMs, minuteMs } from '../../src/core/domain/duration';
import { resolveBinaries, resolveVictoriaMetrics, startVictoriaMetrics, tsdbDirectoryOf } from '../../stack/engines';
import { createHost, type Host } from '../../stack/host';
import { silentLog } from '../../stack/lib/progress';
import { type Answer, ask, sourceOf } from './support/answers';
import { gpuBothWays, type Kind } from './support/bothWays';
import { gpuCases as deviceCases } from './support/gpuCases';
import { firstDay, two, usual } from './support/gpuGauges';
import { gpuHoldingCases } from './support/gpuHoldingCases';
import { copySamples } from './support/sameSamples';
import { openLoki, openPrometheus, openScratch, type Scratch } from './support/scratch';

const gpuCases = [...deviceCases, ...gpuHoldingCases];

/** Each case has a day of its own, far enough from the others for none to be seen there. */
const dayOf = (index: number) => firstDay + index * 2 * dayMs;

function samples(): string[] {
  const series = new Map<string, string[]>();
  gpuCases.forEach(({ gauges }, index) => {
    for (const { metric, labels, minutes: [from, to] = usual, value = 1 } of gauges) {
      const text = Object.entries(labels)
        .map(([name, one]) => `${name}="${one}"`)
        .join(',');
      const lines = series.get(metric) ?? [];
      series.set(metric, lines);
      for (let minute = from; minute <= to; minute += 1) {
        lines.push(`${metric}{${text}} ${value} ${(dayOf(index) + minute * minuteMs) / 1000}`);
      }
    }
  });
  return [...series].flatMap(([metric, lines]) => [`# TYPE ${metric} gauge`, ...lines]);
}

const engines = ['Prometheus', 'VictoriaMetrics'] as const;

let scratch: Scratch;
let hosts: Record<(typeof engines)[number], Host>;
let urls: Record<(typeof engines)[number], string>;

beforeAll(async () => {
  scratch = await openScratch();
  const loki = await openLoki(scratch.directory);
  const prometheus = await openPrometheus(scratch.directory, samples());
  const { promtool } = await resolveBinaries(silentLog);
  const victoriaMetrics = await startVictoriaMetrics({
    binary: await resolveVictoriaMetrics(silentLog),
    dataDirectory: join(scratch.directory, 'victoria-metrics'),
    preferredPort: 0,
  });
  await copySamples(promtool, tsdbDirectoryOf(join(scratch.directory, 'prometheus')), victoriaMetrics.url);
  urls = { Prometheus: prometheus.url, VictoriaMetrics: victoriaMetrics.url };
  const open = (prometheusUrl: string) => createHost({ prometheusUrl, lokiUrl: loki.url });
  hosts = { Prometheus: await open(prometheus.url), VictoriaMetrics: await open(victoriaMetrics.url) };
});

afterAll(() => scratch?.close());

/** Hours by service of a column that has some. */
function hoursIn({ rows }: Answer, column: string): Record<string, number> | null {
  const known = rows.filter((row) => typeof row[column] === 'number' && Number(row[column]) > 0);
  return rows.length > 0 && rows.every((row) => row[column] === null)
    ? null
    : Object.fromEntries(known.map((row) => [String(row['key']), Number(row[column])]));
}

const close = (hours: Record<string, number>) =>
  Object.fromEntries(Object.entries(hours).map(([service, value]) => [service, expect.closeTo(value, 6) as number]));

describe.each(engines)('%s', (engine) => {
  it.each(gpuCases.map((one, index) => ({ ...one, index })))(
    '$name',
    async ({ index, hours, status, note, active }) => {
      const range = { from: dayOf(index), to: dayOf(index) + dayMs - 1 };
      const [answer] = await ask(
        hosts[engine],
        hosts[engine].createDataSource(),
        [{ queryType: 'breakdown', groupBy: 'service' }],
        range
      );
      const source = sourceOf(answer!, 'usage-gpu');
      expect({ status: source.status, hours: hoursIn(answer!, 'gpu_hours') ?? {} }).toEqual({
        status,
        hours: close(hours ?? {}),
      });
      if (note) {
        expect(source.notes.join('\n')).toMatch(note);
      }
      if (active) {
        expect(hoursIn(answer!, 'gpu_hours_active')).toEqual(close(active));
      }
    }
  );

  it.each<Kind>(['allocated', 'active'])(
    'gives the same %s hours from samples as by its own expression',
    async (kind) => {
      let sampled = 0;
      for (const [index, { name }] of gpuCases.entries()) {
        const span = { start: dayOf(index) + 9 * hourMs, end: dayOf(index) + 14 * hourMs };
        const { byEngine, fromSamples, isSampled } = await gpuBothWays(urls[engine], kind, span);
        expect([name, fromSamples]).toEqual([name, byEngine]);
        sampled += isSampled ? 1 : 0;
      }
      expect(sampled).toBeGreaterThan(kind === 'allocated' ? 20 : 10);
    }
  );

  it('adds up, by the hour too', async () => {
    const index = gpuCases.findIndex(({ name }) => name.startsWith('two kube-state-metrics with gaps'));
    const range = { from: dayOf(index), to: dayOf(index) + dayMs - 1 };
    const [answer] = await ask(
      hosts[engine],
      hosts[engine].createDataSource(),
      [{ queryType: 'summary', interval: 'hour' }],
      range
    );
    const sum = (answer?.rows ?? []).reduce((total, row) => total + Number(row['gpu_hours_total'] ?? 0), 0);
    expect(sum).toBeCloseTo(two, 6);
  });
});
