const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `30d1h`, `721h0m0s` or nanoseconds as a number, in ms; undefined for anything else. */
export function durationMs(value: unknown): number | undefined {
  if (typeof value === 'number') {
    return value / 1e6;
  }
  if (typeof value !== 'string' || !/^(?:\d+(?:\.\d+)?(?:ms|[smhdwy]))+$/.test(value)) {
    return undefined;
  }
  return [...value.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0),
    0
  );
}
