import { createHash } from 'node:crypto';

import { dayMs } from '../../src/core/domain/duration';
import { publicKeyOf } from '../../src/core/records/signature';
import { flushLoki } from '../traffic/lokiFlush';
import { type Original, tampered, type Tampering, tamperings, type WrittenLine } from './tampering';

/** Where the records of a scene are, and whom to believe. */
export interface SceneOptions {
  recordsSelector: string;
  recordsPublicKey: string;
}

export type Scenes = Readonly<Record<Tampering, SceneOptions>>;

/** Signs the records of all scenes. */
const sceneKey = new Uint8Array(32).fill(7);

// Not that of `defaultRecordsSelector`, so that nobody else finds what is forged.
const job = 'tampered-usage-records';

const nsPerMs = 1_000_000n;

type Line = WrittenLine & { family: string };

/** Writes what each tampering leaves of some records to streams of its own in a Loki, and waits until queries see it. */
export async function writeScenes(
  lokiUrl: string,
  originals: ReadonlyArray<Omit<Original, 'secretKey'>>
): Promise<Scenes> {
  const scenes: Array<[Tampering, SceneOptions]> = [];
  const names: string[] = [];
  const entries = new Set<string>();
  const times: number[] = [];
  for (const tampering of tamperings) {
    const lines: Line[] = [];
    for (const original of originals) {
      const own = await tampered(tampering, { ...original, secretKey: sceneKey });
      lines.push(...own.map((line) => ({ ...line, family: original.record.family })));
    }
    // The same lines are the same entries of the same streams, however often they are written.
    const digest = createHash('sha256').update(JSON.stringify(lines)).digest('hex').slice(0, 16);
    const scene = `${tampering}-${digest}`;
    await push(lokiUrl, { job, scene }, lines);
    names.push(scene);
    times.push(...lines.map(({ time }) => time));
    lines.forEach(({ family, time, line }) => entries.add(`${scene} ${family} ${time} ${line}`));
    const recordsSelector = `{job="${job}", scene="${scene}"}`;
    scenes.push([tampering, { recordsSelector, recordsPublicKey: publicKeyOf(sceneKey) }]);
  }
  const from = Math.floor(Math.min(...times) / dayMs) * dayMs;
  const to = (Math.floor(Math.max(...times) / dayMs) + 1) * dayMs;
  await flushLoki({ lokiUrl, selector: `{job="${job}", scene=~"${names.join('|')}"}`, from, to }, entries.size);
  return Object.fromEntries(scenes) as Scenes;
}

async function push(lokiUrl: string, labels: Readonly<Record<string, string>>, lines: readonly Line[]): Promise<void> {
  const families = [...new Set(lines.map(({ family }) => family))];
  const streams = families.map((family) => ({
    stream: { ...labels, family },
    values: lines
      .filter((line) => line.family === family)
      .map(({ time, line }): [string, string] => [String(BigInt(time) * nsPerMs), line]),
  }));
  const response = await fetch(`${lokiUrl}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ streams }),
  });
  if (!response.ok) {
    throw new Error(`Loki did not take the records: ${response.status} ${await response.text()}`);
  }
}
