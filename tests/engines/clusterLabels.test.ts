// CPU hours from metrics as they are labelled in clusters.
import { dayMs } from '../../src/core/domain/duration';
import { createHost, type Host } from '../../stack/host';
import { type Answer, ask, sourceOf } from './support/answers';
import { cluster, dayOf, scenes } from './support/labelScenes';
import { linesOf } from './support/minuteSeries';
import { openLoki, openPrometheus, openScratch, type Scratch } from './support/scratch';

let scratch: Scratch;
let host: Host;

beforeAll(async () => {
  scratch = await openScratch();
  const metrics = scenes.flatMap(({ series, isWhole }, scene) =>
    [...(isWhole ? [] : cluster), ...series].flatMap((one) => linesOf(dayOf(scene), one))
  );
  const prometheus = await openPrometheus(scratch.directory, metrics);
  const loki = await openLoki(scratch.directory);
  host = await createHost({ prometheusUrl: prometheus.url, lokiUrl: loki.url });
});

afterAll(() => scratch?.close());

const cpuHours = { queryType: 'metric', metric: 'cpu-hours' } as const;

async function answerOf(scene: number, interval?: 'hour'): Promise<Answer> {
  const from = dayOf(scene);
  const target = { ...cpuHours, ...(interval && { interval }) };
  const [answer] = await ask(host, host.createDataSource({}), [target], {
    from,
    to: from + dayMs - 1,
    timezone: 'utc',
  });
  if (!answer) {
    throw new Error('no answer');
  }
  return answer;
}

function hoursOf({ rows }: Answer): Record<string, number> {
  const hours: Record<string, number> = {};
  for (const { service, value } of rows) {
    if (service !== '') {
      hours[String(service)] = (hours[String(service)] ?? 0) + Number(value);
    }
  }
  return Object.fromEntries(Object.entries(hours).sort(([a], [b]) => (a < b ? -1 : 1)));
}

it.each(scenes.map((scene, index) => ({ ...scene, index })))('$name', async ({ index, hours, status, note }) => {
  const answer = await answerOf(index);
  const cpu = sourceOf(answer, 'usage-cpu');
  expect({ status: cpu.status, notes: cpu.notes }).toMatchObject({ status });
  expect(cpu.notes.join('\n')).toMatch(note ?? /./);
  const near = Object.entries(hours).map(([service, value]) => [service, expect.closeTo(value, 1.5)]);
  expect(hoursOf(answer)).toEqual(Object.fromEntries(near));
  const byHour = hoursOf(await answerOf(index, 'hour'));
  for (const [service, value] of Object.entries(hoursOf(answer))) {
    expect(byHour[service]).toBeCloseTo(value, 6);
  }
});
