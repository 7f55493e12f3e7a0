/** Adds to a value of a map; an absent one is 0. */
export function addTo<K>(map: Map<K, number>, key: K, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}

/** Hours below this are what is left of sums and differences of large counters (36 µs), and no use. */
export const leastHours = 1e-8;

export const secondsPerHour = 3600;
