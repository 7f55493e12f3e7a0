/** Key under which requests to a name that no service can have are counted (contract rule 4). */
export const invalidService = '(invalid)';

/** Key of usage that can't be given to a service (contract rule 11). */
export const unattributedService = '(unattributed)';

/** Key of requests that nobody processed, whose names anybody can invent (contract rule 1). */
export const rejectedService = '(rejected)';

const dns1123Label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** True for a DNS-1123 label of at most 63 characters, the form of every Kubernetes service name (RFC 1123). */
export function isServiceName(name: string): boolean {
  return dns1123Label.test(name);
}

/** The name itself, or `(invalid)`. Names from request paths are untrusted text (contract rule 4). */
export function toServiceKey(name: string): string {
  return isServiceName(name) ? name : invalidService;
}
