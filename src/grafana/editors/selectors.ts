/**
 * The visible labels and the test ids of every control, in one place: the components take them from here, and so do the
 * unit tests, the browser tests and the end-to-end tests. Nothing but text, so that any of them can import it.
 *
 * A `label` is the accessible name of its control; find controls by it. A `testId` is the value of `data-testid`, for
 * what has no name of its own.
 */
export const selectors = {
  queryEditor: {
    testId: 'oscar-query-editor',
    question: { label: 'Question' },
    groupBy: { label: 'By', service: 'Service', user: 'User', country: 'Country' },
    metric: { label: 'Metric' },
    services: { label: 'Services' },
    format: { label: 'Show as', table: 'Table', timeseries: 'Time series' },
    interval: { label: 'Period' },
    includeUsers: { label: 'List users' },
    columns: { label: 'Columns' },
    limit: { label: 'Limit' },
    advanced: { label: 'Advanced' },
    bypassCache: { label: 'Bypass cache' },
    minimumCoveragePercent: { label: 'Min. coverage' },
    problem: { testId: 'oscar-query-problem' },
  },
  help: {
    testId: 'oscar-query-help',
    /** Accessible name of the button that takes an example over. */
    example: (title: string) => `Use example: ${title}`,
  },
  configEditor: {
    testId: 'oscar-config-editor',
    prometheus: { label: 'Prometheus', inputId: 'oscar-prometheus' },
    loki: { label: 'Loki', inputId: 'oscar-loki' },
    problem: { testId: 'oscar-config-problem' },
    sections: {
      requests: 'Requests',
      usage: 'CPU and GPU hours',
      membership: 'Membership',
      privacy: 'Privacy',
      records: 'Usage records',
      knownGaps: 'Known gaps',
      limits: 'Limits and cache',
    },
    servicesNamespace: { label: 'Services namespace' },
    requestSelector: { label: 'Request selector' },
    collectExposed: { label: 'Count exposed requests' },
    exposedSelector: { label: 'Exposed request selector' },
    rejectedRequests: {
      label: 'Rejected requests',
      inputId: 'oscar-rejected-requests',
      separate: 'Count separately',
      count: 'Include in all figures',
    },
    cpuQuery: { label: 'CPU query' },
    gpuQuery: { label: 'GPU query' },
    inventoryQuery: { label: 'Inventory query' },
    roster: { label: 'Roster' },
    membershipRules: {
      testId: 'oscar-membership-rules',
      pattern: (position: number) => `Pattern of rule ${position}`,
      membership: (position: number) => `Membership of rule ${position}`,
      moveUp: (position: number) => `Move rule ${position} up`,
      remove: (position: number) => `Remove rule ${position}`,
      add: 'Add rule',
      customise: 'Edit rules',
      reset: 'Restore default rules',
    },
    users: {
      label: 'Users',
      inputId: 'oscar-users',
      full: 'As logged',
      pseudonym: 'Pseudonyms',
      hidden: 'Hidden',
    },
    usersSalt: { label: 'Pseudonym salt' },
    smallestGroup: { label: 'Smallest group' },
    useRecords: { label: 'Use usage records' },
    recordsSelector: { label: 'Record selector' },
    recordsPublicKey: { label: 'Public key of records' },
    knownGaps: {
      testId: 'oscar-known-gaps',
      from: (position: number) => `Start of gap ${position}`,
      to: (position: number) => `End of gap ${position}`,
      source: (position: number) => `Source of gap ${position}`,
      note: (position: number) => `Note for gap ${position}`,
      remove: (position: number) => `Remove gap ${position}`,
      add: 'Add gap',
    },
    settleDelayMinutes: { label: 'Settle delay (minutes)' },
    cacheMegabytes: { label: 'Cache (MiB)' },
    attributionThreshold: { label: 'Known countries (%)' },
    minimumCoveragePercent: { label: 'Minimum coverage (%)' },
  },
  variableEditor: {
    testId: 'oscar-variable-editor',
    list: { label: 'Values' },
    filter: { label: 'Filter' },
    ahead: { label: 'Ask ahead' },
  },
  annotationEditor: {
    testId: 'oscar-annotation-editor',
    sources: { label: 'Sources' },
  },
} as const;
