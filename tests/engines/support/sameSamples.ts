import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Characters of one import request: large enough to be quick, small enough for any engine. */
const maxCharacters = 8_000_000;

/**
 * Copies all samples of Prometheus' blocks into a VictoriaMetrics and makes them visible there. The text that promtool
 * writes has its times in seconds, the importer wants ms. Returns the number of samples.
 */
export async function copySamples(
  promtool: string,
  tsdbDirectory: string,
  victoriaMetricsUrl: string
): Promise<number> {
  const dump = spawn(promtool, ['tsdb', 'dump-openmetrics', tsdbDirectory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(dump, 'close');
  let samples = 0;
  let pending: string[] = [];
  let length = 0;
  const send = async () => {
    await post(`${victoriaMetricsUrl}/api/v1/import/prometheus`, pending.join('\n'));
    pending = [];
    length = 0;
  };
  for await (const line of createInterface({ input: dump.stdout })) {
    const sample = inMilliseconds(line);
    if (sample !== undefined) {
      pending.push(sample);
      samples += 1;
      length += sample.length;
    }
    if (length > maxCharacters) {
      await send();
    }
  }
  await send();
  const [code] = (await ended) as [number | null];
  if (code !== 0) {
    throw new Error(`promtool ended with code ${code}`);
  }
  await post(`${victoriaMetricsUrl}/internal/force_flush`, '');
  return samples;
}

/** A sample `series value seconds` with its time in ms; undefined for a comment. */
function inMilliseconds(line: string): string | undefined {
  if (line === '' || line.startsWith('#')) {
    return undefined;
  }
  const gap = line.lastIndexOf(' ');
  return `${line.slice(0, gap)} ${Math.round(Number(line.slice(gap + 1)) * 1000)}`;
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', body });
  if (!response.ok) {
    throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  }
}
