import { type UsageOptions } from '../../src/core/options';
import { flushLoki } from '../traffic/lokiFlush';
import { createLokiPusher } from '../traffic/lokiPush';
import { type Line } from './attack';
import { type Assault } from './attacks';

/** Which lines of an assault a session sees beside the honest ones. */
export type View = 'hostile' | 'truth' | 'claimed';

/** The label that tells the lines of assaults from one another, and from the honest ones, which have none. */
const label = 'world';

/** Writes the lines of all assaults, and waits until queries see them. `honest`: entries of the span that are there already. */
export async function pushAssaults(
  lokiUrl: string,
  assaults: readonly Assault[],
  { from, to, honest }: { from: number; to: number; honest: number }
): Promise<number> {
  let entries = 0;
  for (const assault of assaults) {
    for (const view of ['hostile', 'truth', 'claimed'] as const) {
      const lines = [...(assault[view] ?? [])];
      entries += lines.length;
      await push(lokiUrl, from, lines, worldOf(assault.name, view));
    }
  }
  await flushLoki({ lokiUrl, selector: '{app=~"oscar|ingress-nginx|traefik"}', from, to }, honest + entries);
  return entries;
}

async function push(lokiUrl: string, start: number, lines: Line[], world: string): Promise<void> {
  const pusher = createLokiPusher(lokiUrl);
  const entries = lines
    .map(({ time, before = 0, log, country, text }, index) => {
      const app = log === 'manager' ? 'oscar' : log;
      const labels = { namespace: app, app, [label]: world, ...(country && { geoip_country_code: country }) };
      // Loki takes equal lines at one instant for one: no two entries of a world are at the same one.
      const offsetNanoseconds = (time - start) * 1_000_000 - before - (before === 0 ? index % 100 : 0);
      return { offsetNanoseconds, stream: { labels, key: JSON.stringify(labels) }, line: text };
    })
    .sort((a, b) => a.offsetNanoseconds - b.offsetNanoseconds);
  const atOnce = 500;
  for (let index = 0; index < entries.length; index += atOnce) {
    await pusher.add(start, entries.slice(index, index + atOnce));
  }
  await pusher.end();
}

/** Options of a session that sees the honest lines, and those of assaults; without any, the honest ones alone. */
export function selectorsOf(parts: readonly string[], view: View, assaults: readonly Assault[]): UsageOptions {
  const worlds = parts.map((part) => {
    const assault = assaults.find(({ name }) => name === part);
    return worldOf(part, view === 'claimed' && !assault?.claimed ? 'truth' : view);
  });
  const world = `${label}=~"${['', ...worlds].join('|')}"`;
  return {
    requestSelector: `{namespace="oscar", app="oscar", ${world}}`,
    exposedSelector: `{namespace=~"ingress-nginx|traefik", app=~"ingress-nginx|traefik", ${world}}`,
  };
}

function worldOf(name: string, view: View): string {
  return `${name}-${view}`;
}
