/** Adds to a value of a map; an absent one is 0. */
export function addTo<K>(map: Map<K, number>, key: K, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}

/** Fewer hours than this are rounding errors of sums and differences of large counters (36 µs), not use. */
export const minHours = 1e-8;

export const secondsPerHour = 3600;
