import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { minuteMs } from '../../src/core/domain/duration';
import { createBlock } from '../traffic';
import { type CaseSeries } from './caseSeries';

/** The samples in the text format that promtool reads, to the end mark. */
export function openMetricsOf(series: readonly CaseSeries[]): string {
  return [...series.map(linesOf), '# EOF\n'].join('');
}

function linesOf({ metric, labels, from, to, start, perMinute }: CaseSeries): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  const name = `${metric}{${pairs.join(',')}}`;
  let lines = '';
  for (let time = from; time <= to; time += minuteMs) {
    lines += `${name} ${start + (perMinute * (time - from)) / minuteMs} ${time / 1000}\n`;
  }
  return lines;
}

function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

/**
 * Writes the samples of one case as blocks of a Prometheus that is not running yet. Throws an Error with promtool's
 * message.
 */
export async function backfill(promtool: string, tsdbDirectory: string, series: readonly CaseSeries[]): Promise<void> {
  await mkdir(tsdbDirectory, { recursive: true });
  const file = join(tsdbDirectory, '..', 'samples.om');
  try {
    await writeFile(file, openMetricsOf(series));
    await createBlock(promtool, file, tsdbDirectory);
  } finally {
    await rm(file, { force: true });
  }
}

/**
 * Which Prometheus each case belongs to: 0 for all of them, as long as each has days of its own. Cases of two files may
 * have the same days: then the later one gets the next Prometheus in which its time is free.
 */
export function layersOf(cases: ReadonlyArray<readonly CaseSeries[]>): number[] {
  const layers: Array<Array<{ from: number; to: number }>> = [];
  return cases.map((series) => {
    if (series.length === 0) {
      return 0;
    }
    const from = series.reduce((least, one) => Math.min(least, one.from), Infinity);
    const to = series.reduce((most, one) => Math.max(most, one.to), -Infinity);
    const free = layers.findIndex((taken) => taken.every((span) => span.to < from || to < span.from));
    const layer = free < 0 ? layers.push([]) - 1 : free;
    layers[layer]?.push({ from, to });
    return layer;
  });
}
