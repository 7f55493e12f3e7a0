import { type MembershipRule } from './domain/membership';
import { type RejectedRequests } from './domain/requestLine';
import { type UserMode } from './domain/userTexts';

/** A span that the operator knows to be incomplete; `from` and `to` are ISO 8601. */
export interface KnownGap {
  from: string;
  to: string;
  source: string;
  note: string;
}

/** The options as stored in `jsonData` (contract, "Options"). Every key but the two uids has a default. */
export interface UsageOptions {
  prometheusUid?: string;
  lokiUid?: string;
  servicesNamespace?: string;
  requestSelector?: string;
  exposedSelector?: string;
  cpuQuery?: string;
  gpuQuery?: string;
  inventoryQuery?: string;
  membershipRules?: MembershipRule[];
  roster?: string[];
  knownGaps?: KnownGap[];
  /** Whether requests that nobody processed are a figure of their own (contract rule 1), the default, or part of all figures. */
  rejectedRequests?: RejectedRequests;
  /** How user ids are shown: as they are logged, the default, as pseudonyms, or not at all. */
  users?: UserMode;
  /** Part of the key of the pseudonyms; who may see the data source's settings can read it. */
  usersSalt?: string;
  /** LogQL selector of the usage records; empty: they are not used. */
  recordsSelector?: string;
  /** Base64 of an Ed25519 key; with it, only records that are signed with the key that belongs to it count. */
  recordsPublicKey?: string;
  /** Groups of fewer users show no users and no countries; 0, the default, is off. */
  smallestGroup?: number;
  /** Minutes after which a line can no longer arrive late; 60 when absent. */
  settleDelayMinutes?: number;
  /** Memory for everything that is kept, in MiB; 64 when absent. */
  cacheMegabytes?: number;
  /** Percent of requests with a known country below which countries are partial; 95 when absent. */
  attributionThreshold?: number;
  /** Figures whose sources cover less of the range are left empty; 0, the default, is off. */
  minimumCoveragePercent?: number;
}
