import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { toCountryCode } from '../../../src/core/domain/countries';
import { countryDatabase, type Network } from '../../../stack/pipeline/mmdb';
import { type Pipeline } from '../../../stack/pipeline/stages';
import { loadTruth, type TrafficParameters, type Truth, truthFileOf } from '../../../stack/traffic';
import { instantOf } from '../../../stack/traffic/entry';
import { rfc3339 } from '../../../stack/traffic/formats';
import { trafficHours } from '../../../stack/traffic/timeline';
import { createTruthWriter } from '../../../stack/traffic/truthWriter';
import { createWorld } from '../../../stack/traffic/world';
import { type CollectedFile } from './collector';

export interface WrittenTraffic {
  truth: Truth;
  files: CollectedFile[];
  /** Path of a country database that knows the addresses in the files. */
  database: string;
  entries: number;
}

/** A public address in a line, as the generator writes it. */
const documented = /\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}\b/g;

/**
 * Writes generated traffic into files as a container runtime does: its lines have no country, but addresses of networks that a database
 * knows. One file for each program.
 */
export async function writeTraffic(
  directory: string,
  parameters: TrafficParameters,
  pipelines: Record<'manager' | 'ingress', Pipeline>
): Promise<WrittenTraffic> {
  const world = createWorld(parameters);
  const writer = await createTruthWriter(truthFileOf(directory), parameters);
  const files = new Map<string, CollectedFile>();
  const networks = new Map<string, number>();
  let entries = 0;
  for (const hour of trafficHours(world)) {
    const texts = new Map<string, string>();
    for (const { offsetNanoseconds, stream, line } of hour.entries) {
      const { geoip_country_code: code, geoip_country_name: name, ...labels } = stream.labels;
      const country = code ?? (name === undefined ? undefined : toCountryCode(name));
      const app = labels.app ?? '';
      const path = join(directory, `${app}.log`);
      const pipeline = app === 'oscar' ? pipelines.manager : pipelines.ingress;
      files.set(path, { path, pipeline, labels: { ...labels } });
      const { time, nanoseconds } = instantOf(hour.start, offsetNanoseconds);
      const when = rfc3339(time, nanoseconds, 9);
      const text = line.replaceAll(documented, addressIn(networks, country));
      texts.set(path, `${texts.get(path) ?? ''}${when} stderr F ${text}\n`);
      entries += 1;
    }
    for (const [path, text] of texts) {
      appendFileSync(path, text);
    }
    await writer.addHour(hour);
  }
  await writer.end({ activeServices: [], entries, hasUsage: false });
  const database = join(directory, 'country.mmdb');
  const known = [...networks].map(([country, index]): Network => [`198.18.${index}.0/24`, country]);
  writeFileSync(database, countryDatabase(known, new Date(parameters.end)));
  return { truth: await loadTruth(truthFileOf(directory)), files: [...files.values()], database, entries };
}

/** An address in the network of a country, or inside the cluster. */
function addressIn(networks: Map<string, number>, country: string | undefined): string {
  if (country === undefined) {
    return '10.42.0.1';
  }
  const index = networks.get(country) ?? networks.size;
  networks.set(country, index);
  return `198.18.${index}.7`;
}
