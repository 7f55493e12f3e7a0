/** The layers of src/ from the lowest to the highest: folders, and files without their ending. What is lower knows nothing of what is above it. */
export const layers = [
  'core/runtime',
  'core/domain',
  'core/expr',
  'core/upstream',
  'core/health',
  'core/requests',
  'core/hours',
  'core/completeness',
  'core/records',
  'core/evidence',
  'core/sources',
  'core/reports',
  'core/answer',
  'core/session',
  'grafana',
];
