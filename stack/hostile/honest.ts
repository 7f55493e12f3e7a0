import { createParameters, type TrafficParameters } from '../traffic';
import { trafficHours } from '../traffic/timeline';
import { createWorld } from '../traffic/world';
import { type AttackDay } from './attack';
import { type Totals } from './judge';

export interface HonestTraffic extends Pick<AttackDay, 'victim' | 'maxRequests'> {
  /** Log entries of all kinds. */
  entries: number;
  totals: Totals;
}

/** What is known of the honest traffic. */
export function honestTraffic(traffic: Partial<TrafficParameters>): HonestTraffic {
  const world = createWorld(createParameters(traffic));
  const byUser = new Map<string, number>();
  const byService = new Map<string, number>();
  const totals = { succeeded: 0, failed: 0, rejected: 0 };
  let entries = 0;
  for (const hour of trafficHours(world)) {
    entries += hour.entries.length;
    totals.rejected += hour.exposed.filter(({ outcome }) => outcome === 'rejected').length;
    for (const { user, service, outcome } of hour.requests) {
      totals[outcome] += 1;
      if (outcome !== 'rejected') {
        byUser.set(user, (byUser.get(user) ?? 0) + 1);
        byService.set(service, (byService.get(service) ?? 0) + 1);
      }
    }
  }
  const people = [...byUser].filter(([user]) => user.includes('@')).sort(([, a], [, b]) => b - a);
  const services = [...byService].filter(([name]) => world.services.some((service) => service.name === name));
  const [service = ''] = services.sort(([, a], [, b]) => b - a)[0] ?? [];
  return {
    entries,
    totals,
    victim: { service, user: people[0]?.[0] ?? '', country: world.countries[0] ?? '' },
    maxRequests: Math.max(...byUser.values()),
  };
}
