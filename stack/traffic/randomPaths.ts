/** First step of the path of every random source, so that no two parts of the generator share one. */
export const randomPaths = {
  services: 1,
  users: 2,
  dayNoise: 3,
  hourNoise: 4,
  requests: 5,
  managerNoise: 6,
  lines: 10,
  ingress: 7,
  deployments: 8,
  pods: 9,
  pullers: 11,
  invented: 12,
  inventedLines: 13,
  inventedExposed: 14,
} as const;
