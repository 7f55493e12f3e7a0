import { execFile } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { startProgress } from '../lib/progress';
import { goneAt } from './kubeState';
import {
  createPodScraper,
  scrapeKubeState,
  scrapeNode,
  scrapeService,
  type ScrapeIntervals,
  type Window,
} from './openMetrics';
import { startOf, type TrafficParameters } from './parameters';
import { startedPods } from './podArrivals';
import { standingPods, type Pod } from './pods';
import type { TruthWriter } from './truthWriter';
import { createUsageLedger } from './usage';
import type { World } from './world';

export interface MetricsOptions {
  /** Path of promtool. */
  promtool: string;
  /** Prometheus' folder of blocks. Prometheus should not be running: it would find the new blocks only by and by. */
  tsdbDirectory: string;
  world: World;
  truth: TruthWriter;
}

/**
 * Length of a block. promtool reads its whole input once more for every block that it makes, so each block gets an input
 * of its own; and it only knows the lengths 2 h × 3ⁿ, beginning at multiples of themselves.
 */
const blockHours = 162;

/**
 * Generates the samples of containers, Kubernetes objects and GPUs as blocks of Prometheus, and writes the usage to the
 * truth. They end with the span, so that a Prometheus on this folder can go on by scraping.
 *
 * A pod that ends has no staleness marker (the text format knows none): it is seen for five more minutes.
 * @throws Error with promtool's message when it fails.
 */
export async function writeMetrics({ promtool, tsdbDirectory, world, truth }: MetricsOptions): Promise<void> {
  const { parameters } = world;
  mkdirSync(tsdbDirectory, { recursive: true });
  // Beside the blocks and not in the system's temporary folder, which may be small and kept in memory.
  const inputDirectory = mkdtempSync(join(tsdbDirectory, '..', 'openmetrics-'));
  const windows = blockWindows(parameters);
  const writeWindow = createWindowWriter(world);
  const podsAndFactsOf = createPodFeed(world);
  const progress = startProgress('writing metrics', { total: windows.length, unit: 'blocks' });
  try {
    let block: Promise<void> = Promise.resolve();
    for (const [index, window] of windows.entries()) {
      const { pods, facts } = podsAndFactsOf(window);
      const file = join(inputDirectory, `${index}.om`);
      writeWindow(window, pods, file);
      await truth.addUsage(facts);
      // One block is made while the next one's samples are generated.
      await block;
      block = createBlock(promtool, file, tsdbDirectory).then(() => progress.update(index + 1));
      block.catch(() => undefined);
    }
    await block;
    progress.end(`${windows.length} blocks`);
  } finally {
    progress.end();
    rmSync(inputDirectory, { recursive: true, force: true });
  }
}

/** Windows that begin and end where promtool's blocks do, over the span. */
function blockWindows(parameters: TrafficParameters): Window[] {
  const length = blockHours * 3600;
  const from = startOf(parameters) / 1000;
  const to = parameters.end / 1000;
  const windows: Window[] = [];
  for (let start = from; start < to;) {
    const next = Math.min(to, (Math.floor(start / length) + 1) * length);
    windows.push({ from: start, to: next });
    start = next;
  }
  return windows;
}

/** Hands out, window by window, the pods that start in it and the usage facts of its hours. */
function createPodFeed(world: World) {
  const ledger = createUsageLedger(world.parameters.end);
  const standing = standingPods(world).sort((left, right) => left.start - right.start);
  const hours = startedPods(world);
  let nextHour = startOf(world.parameters) / 1000;
  return ({ to }: Window) => {
    const pods: Pod[] = [];
    while (standing[0] !== undefined && standing[0].start < to) {
      pods.push(standing.shift()!);
    }
    for (; nextHour < Math.min(to, world.parameters.end / 1000); nextHour += 3600) {
      pods.push(...(hours.next().value ?? []));
    }
    pods.forEach((pod) => ledger.add(pod));
    return { pods, facts: ledger.take(to * 1000) };
  };
}

function createWindowWriter(world: World) {
  const { parameters, services, nodes } = world;
  const intervals: ScrapeIntervals = {
    containers: parameters.scrapeSeconds,
    objects: Math.min(240, parameters.scrapeSeconds * 2),
  };
  let alive: Array<{ pod: Pod; scrape: ReturnType<typeof createPodScraper> }> = [];
  return (window: Window, started: readonly Pod[], file: string) => {
    alive.push(...started.map((pod) => ({ pod, scrape: createPodScraper(pod, intervals) })));
    const podWindow = { from: window.from, to: Math.min(window.to, parameters.end / 1000) };
    writeFile(file, (write) => {
      alive.forEach(({ scrape }) => scrape(podWindow, write));
      services.forEach((service) => scrapeService(service, intervals, window, write));
      nodes.forEach((node) => scrapeNode(node, intervals, window, write));
      scrapeKubeState(intervals, window, write);
      write('# EOF\n');
    });
    alive = alive.filter(({ pod }) => goneAt(pod) > window.to);
  };
}

/** Gathers small texts to pieces of a megabyte before it writes: millions of system calls would take longest. */
function writeFile(file: string, produce: (write: (text: string) => void) => void): void {
  const descriptor = openSync(file, 'w');
  try {
    let pending: string[] = [];
    let length = 0;
    const flush = () => {
      writeSync(descriptor, pending.join(''));
      pending = [];
      length = 0;
    };
    produce((text) => {
      pending.push(text);
      length += text.length;
      if (length > 1_000_000) {
        flush();
      }
    });
    flush();
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes blocks of a text file with samples and removes it.
 * @throws Error with promtool's message when it fails.
 */
export async function createBlock(promtool: string, file: string, tsdbDirectory: string): Promise<void> {
  const command = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', `--max-block-duration=${blockHours}h`];
  try {
    await promisify(execFile)(promtool, [...command, file, tsdbDirectory]);
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`promtool could not create a block: ${output}`);
  }
  rmSync(file, { force: true });
}
