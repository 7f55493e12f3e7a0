// Texts that several kinds of log lines share.
import type { Random } from './random';

/** The manager's old stamp, `2026/01/20 - 09:34:35`, in UTC. */
export function slashStamp(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '/')} - ${iso.slice(11, 19)}`;
}

/** RFC 3339 in UTC with as many decimals as given (0 to 9); trailing zeros go, as Go's RFC3339Nano drops them. */
export function rfc3339(time: number, nanoseconds: number, decimals: number): string {
  const seconds = new Date(time).toISOString().slice(0, 19);
  const fraction = (String(time % 1000).padStart(3, '0') + String(nanoseconds).padStart(6, '0'))
    .slice(0, decimals)
    .replace(/0+$/, '');
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The stamp of the common log format, `23/Jan/2026:18:13:07 +0000`. */
export function commonLogStamp(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(8, 10)}/${months[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

/** A duration as Go prints it (`14.219292ms`, `1.455744552s`, `1m3.2s`). */
export function goDuration(nanoseconds: number): string {
  const whole = Math.round(nanoseconds);
  if (whole < 1_000) {
    return `${whole}ns`;
  }
  if (whole < 1_000_000) {
    return `${whole / 1_000}µs`;
  }
  if (whole < 1_000_000_000) {
    return `${whole / 1_000_000}ms`;
  }
  const minutes = Math.floor(whole / 60_000_000_000);
  const seconds = `${(whole - minutes * 60_000_000_000) / 1_000_000_000}s`;
  return minutes === 0 ? seconds : `${minutes}m${seconds}`;
}

/** Networks that RFC 5737 reserves for documentation: the generated traffic names nobody's address. */
const documentationNetworks = ['192.0.2', '198.51.100', '203.0.113'];

export function publicAddress(random: Random): string {
  return `${random.pick(documentationNetworks)}.${random.integer(1, 254)}`;
}

export function privateAddress(random: Random): string {
  const kind = random.float();
  if (kind < 0.2) {
    return '127.0.0.1';
  }
  return kind < 0.6 ? `10.244.${random.integer(0, 3)}.${random.integer(1, 254)}` : `172.25.0.${random.integer(1, 20)}`;
}
