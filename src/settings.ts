import { defaultCpuQuery, defaultGpuQuery, defaultInventoryQuery } from './expr/promql';
import { type KnownGap, type OscarOptions } from './types';
import { type MembershipRule } from './domain/membership';

/** The options with their defaults filled in (contract, "Options"). */
export interface Settings {
  prometheusUid?: string;
  lokiUid?: string;
  servicesNamespace: string;
  requestSelector: string;
  /** Empty means that exposed requests are not collected. */
  exposedSelector: string;
  cpuQuery: string;
  gpuQuery: string;
  inventoryQuery: string;
  membershipRules?: MembershipRule[];
  roster: string[];
  knownGaps: KnownGap[];
}

export const defaultRequestSelector = '{namespace="oscar", app="oscar"}';
export const defaultExposedSelector = '{namespace=~"ingress-nginx|traefik", app=~"ingress-nginx|traefik"}';

/** Fills the defaults in. An empty text counts as absent, except for `exposedSelector`, where it means "not collected". */
export function settingsFrom(options: OscarOptions): Settings {
  return {
    prometheusUid: options.prometheusUid || undefined,
    lokiUid: options.lokiUid || undefined,
    servicesNamespace: options.servicesNamespace || 'oscar-svc',
    requestSelector: options.requestSelector?.trim() || defaultRequestSelector,
    exposedSelector: options.exposedSelector?.trim() ?? defaultExposedSelector,
    cpuQuery: options.cpuQuery?.trim() || defaultCpuQuery,
    gpuQuery: options.gpuQuery?.trim() || defaultGpuQuery,
    inventoryQuery: options.inventoryQuery?.trim() || defaultInventoryQuery,
    membershipRules: options.membershipRules,
    roster: options.roster ?? [],
    knownGaps: options.knownGaps ?? [],
  };
}
