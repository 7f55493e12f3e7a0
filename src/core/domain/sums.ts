/**
 * A sum of numbers that is exact until it is rounded once, when it is read: it does not depend on the order in which they
 * come, as a sum of rounded sums would (Shewchuk, "Adaptive precision floating-point arithmetic", 1997; `math.fsum` of Python).
 */
export class ExactSum {
  /** Parts of which no two overlap in their digits, the smallest first. */
  private readonly parts: number[] = [];
  /** Sum of what is not finite. */
  private rest = 0;

  add(value: number): this {
    if (!Number.isFinite(value)) {
      this.rest += value;
      return this;
    }
    const { parts } = this;
    let high = value;
    let used = 0;
    for (const part of parts) {
      const [larger, smaller] = Math.abs(high) < Math.abs(part) ? [part, high] : [high, part];
      high = larger + smaller;
      const lost = smaller - (high - larger);
      if (lost !== 0) {
        parts[used] = lost;
        used += 1;
      }
    }
    parts.length = used;
    parts.push(high);
    return this;
  }

  /** The double that is nearest to the sum; of two that are equally near, the even one. */
  get value(): number {
    if (this.rest !== 0) {
      return this.rest;
    }
    const parts = [...this.parts];
    let sum = parts.pop() ?? 0;
    let lost = 0;
    while (lost === 0 && parts.length > 0) {
      const part = parts.pop() ?? 0;
      const next = sum + part;
      lost = part - (next - sum);
      sum = next;
    }
    // Half a digit was lost, and what follows says that it was more: the sum was rounded to the wrong side.
    const after = parts[parts.length - 1] ?? 0;
    const next = sum + 2 * lost;
    return lost * after > 0 && next - sum === 2 * lost ? next : sum;
  }
}

/** The exact sum of numbers, rounded once. */
export function exactSum(values: Iterable<number>): number {
  const sum = new ExactSum();
  for (const value of values) {
    sum.add(value);
  }
  return sum.value;
}

/** Exact sums by key. */
export class ExactSums<K> {
  private readonly sums = new Map<K, ExactSum>();

  add(key: K, value: number): this {
    const sum = this.sums.get(key);
    if (sum) {
      sum.add(value);
    } else {
      this.sums.set(key, new ExactSum().add(value));
    }
    return this;
  }

  /** Each of them rounded once, in the order in which the keys came. */
  toMap(): Map<K, number> {
    return new Map([...this.sums].map(([key, sum]) => [key, sum.value]));
  }
}
