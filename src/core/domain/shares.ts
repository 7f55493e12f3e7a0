/**
 * Shares of a whole in percent with one decimal that sum to exactly 100.0: each is rounded down to a tenth, and the
 * tenths that are left go to the largest remainders (contract rule 7). Equal remainders are served in order. All are 0
 * when the whole is.
 */
export function percentages(counts: readonly number[]): number[] {
  const whole = counts.reduce((sum, count) => sum + count, 0);
  if (whole === 0) {
    return counts.map(() => 0);
  }
  const tenths = counts.map((count) => Math.floor((count * 1000) / whole));
  const remainders = counts.map((count, index) => ({ index, remainder: (count * 1000) % whole }));
  remainders.sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  const left = 1000 - tenths.reduce((sum, tenth) => sum + tenth, 0);
  for (const { index } of remainders.slice(0, left)) {
    tenths[index] = (tenths[index] ?? 0) + 1;
  }
  return tenths.map((tenth) => tenth / 10);
}
