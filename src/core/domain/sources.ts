/** The sources of the contract ("Completeness"), in its order. */
export const sourceNames = [
  'service-inventory',
  'usage-cpu',
  'usage-gpu',
  'request-logs',
  'exposed-request-logs',
  'country-attribution',
  'user-roster',
] as const;

export type SourceName = (typeof sourceNames)[number];

/** What is wrong when a source is not whole, in words for the notice. */
export const sourceTitles: Readonly<Record<SourceName, string>> = {
  'service-inventory': 'service inventory',
  'usage-cpu': 'CPU hours',
  'usage-gpu': 'GPU hours',
  'request-logs': 'request logs',
  'exposed-request-logs': 'exposed request logs',
  'country-attribution': 'country attribution',
  'user-roster': 'user roster',
};
