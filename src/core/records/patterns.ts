import { type Settings } from '../settings';
import { type DayRecord, type RecordFamily } from './dayRecord';

/**
 * Versions of what decides the counts of a family: of requests the patterns of `expr/logql.ts` and `domain/`, of hours the queries
 * and the computation. A change after which any line or sample may count in another way is a new version.
 */
export const patternVersions: Readonly<Record<RecordFamily, number>> = { requests: 1, exposed: 1, cpu: 1, gpu: 1 };

/** Older versions by which the present one counts alike, whatever the lines. */
const alike: Readonly<Record<RecordFamily, readonly number[]>> = { requests: [], exposed: [], cpu: [], gpu: [] };

export type ShapingSettings = Pick<
  Settings,
  'requestSelector' | 'exposedSelector' | 'servicesNamespace' | 'rejectedRequests' | 'cpuQuery' | 'gpuQuery'
>;

/** The options that shape the counts of a family, as a record keeps them. */
export function shapingSettings(family: RecordFamily, settings: ShapingSettings): Record<string, string> {
  const { requestSelector, exposedSelector, servicesNamespace, rejectedRequests, cpuQuery, gpuQuery } = settings;
  switch (family) {
    case 'requests':
      return { requestSelector, servicesNamespace, rejectedRequests };
    case 'exposed':
      return { exposedSelector, servicesNamespace, rejectedRequests };
    case 'cpu':
      return { cpuQuery, servicesNamespace };
    case 'gpu':
      return { gpuQuery, servicesNamespace };
  }
}

/** Why a valid record does not count as the options would have it today; undefined where it does. */
export function differsFrom({ family, patterns, settings }: DayRecord, today: ShapingSettings): string | undefined {
  if (patterns !== patternVersions[family] && !alike[family].includes(patterns)) {
    return `it was counted by version ${patterns} of the patterns, and the present one is ${patternVersions[family]}`;
  }
  const expected = shapingSettings(family, today);
  const names = [...new Set([...Object.keys(expected), ...Object.keys(settings)])].sort();
  const differing = names.filter((name) => settings[name] !== expected[name]);
  return differing.length > 0 ? `it was counted with other options: ${differing.join(', ')}` : undefined;
}
