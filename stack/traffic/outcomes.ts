/** What became of a request. The position is its number in the truth file. */
export const outcomes = ['succeeded', 'failed', 'rejected'] as const;
export type Outcome = (typeof outcomes)[number];

/** Answers that OSCAR gives before it knows a user, and what an ingress answers that found no backend. */
const refusals = [401, 403, 404, 405];
/** Answers that are refusals as well where the line names the cluster's own user. */
const refusalsOfNobody = [400, 502];
export const clusterUser = 'oscar';

/** The outcome of a request that the manager logged, by the contract's counting rule 1. */
export function outcomeOf(status: number, user: string): Outcome {
  if (refusals.includes(status) || (user === clusterUser && refusalsOfNobody.includes(status))) {
    return 'rejected';
  }
  return status >= 400 ? 'failed' : 'succeeded';
}

/** The outcome of a request to an exposed service, by rule 2: what reached a backend counts, whatever it answered. */
export function exposedOutcomeOf(status: number, hasBackend: boolean): Outcome {
  return !hasBackend && refusals.includes(status) ? 'rejected' : 'succeeded';
}
