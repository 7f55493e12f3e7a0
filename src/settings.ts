import { type MembershipRule } from './domain/membership';
import { defaultCpuQuery, defaultGpuQuery, defaultInventoryQuery } from './expr/promql';
import { type KnownGap, type OscarOptions, type RejectedRequests } from './types';

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
  rejectedRequests: RejectedRequests;
  settleDelayMinutes: number;
  cacheMegabytes: number;
  /** Figures whose sources cover less are left empty; 0 is off. */
  minimumCoveragePercent: number;
}

export const defaultRequestSelector = '{namespace="oscar", app="oscar"}';
export const defaultExposedSelector = '{namespace=~"ingress-nginx|traefik", app=~"ingress-nginx|traefik"}';

/** Fills the defaults in. An empty text counts as absent, except for `exposedSelector`, where it means "not collected". */
export function settingsFrom(options: OscarOptions): Settings {
  return {
    prometheusUid: options.prometheusUid || undefined,
    lokiUid: options.lokiUid || undefined,
    servicesNamespace: textOr('oscar-svc', options.servicesNamespace),
    requestSelector: textOr(defaultRequestSelector, options.requestSelector),
    exposedSelector: options.exposedSelector?.trim() ?? defaultExposedSelector,
    cpuQuery: textOr(defaultCpuQuery, options.cpuQuery),
    gpuQuery: textOr(defaultGpuQuery, options.gpuQuery),
    inventoryQuery: textOr(defaultInventoryQuery, options.inventoryQuery),
    membershipRules: options.membershipRules,
    roster: options.roster ?? [],
    knownGaps: options.knownGaps ?? [],
    rejectedRequests: options.rejectedRequests ?? 'separate',
    settleDelayMinutes: options.settleDelayMinutes ?? 60,
    cacheMegabytes: options.cacheMegabytes ?? 64,
    minimumCoveragePercent: options.minimumCoveragePercent ?? 0,
  };
}

function textOr(fallback: string, text: string | undefined): string {
  return text?.trim() || fallback;
}
