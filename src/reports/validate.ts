import { membershipProblem } from '../domain/membership';
import { metricKeys } from '../domain/metricKeys';
import { periodUnits } from '../domain/periods';
import { knownGapsProblem } from '../evidence/declaredGaps';
import { selectorProblem } from '../expr/logql';
import { expandTemplate } from '../expr/promql';
import { type Settings } from '../settings';
import { type OscarQuery, queryTypes } from '../types';
import { reports } from './registry';
import { columnsProblem } from './selection';

const formats = ['table', 'timeseries'] as const;
const groupings = ['service', 'user', 'country'] as const;

/** Says what is wrong with a query, and what is valid; undefined when nothing is. Nothing is sent before this. */
export function queryProblem(query: OscarQuery): string | undefined {
  return (
    notOneOf('queryType', query.queryType, queryTypes) ??
    optional('format', query.format, formats) ??
    optional('interval', query.interval, ['auto', ...periodUnits]) ??
    optional('metric', query.metric, metricKeys) ??
    (query.queryType === 'breakdown' ? notOneOf('groupBy', query.groupBy, groupings) : undefined) ??
    servicesProblem(query.services) ??
    columnsProblem(reports[query.queryType], query) ??
    coverageProblem(query.minimumCoveragePercent)
  );
}

function optional(key: string, value: unknown, valid: readonly string[]): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : notOneOf(key, value, valid);
}

function notOneOf(key: string, value: unknown, valid: readonly string[]): string | undefined {
  if (typeof value === 'string' && valid.includes(value)) {
    return undefined;
  }
  const found = value === undefined ? `${key} is missing` : `unknown ${key} ${JSON.stringify(value)}`;
  return `${found}; valid are: ${valid.join(', ')}`;
}

function servicesProblem(services: unknown): string | undefined {
  const valid = services === undefined || services === null || isListOfText(services);
  return valid ? undefined : 'services must be a list of service names';
}

function coverageProblem(value: unknown): string | undefined {
  const isAbsent = value === undefined || value === null;
  return isAbsent || (typeof value === 'number' && value >= 0 && value <= 100)
    ? undefined
    : 'minimumCoveragePercent must be a number from 0 to 100';
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Says what is wrong with the options; undefined when nothing is. */
export function settingsProblem(settings: Settings): string | undefined {
  const { requestSelector, exposedSelector, cpuQuery, gpuQuery, inventoryQuery } = settings;
  return (
    selectorOption('requestSelector', requestSelector) ??
    (exposedSelector === '' ? undefined : selectorOption('exposedSelector', exposedSelector)) ??
    hoursTemplate('cpuQuery', cpuQuery) ??
    hoursTemplate('gpuQuery', gpuQuery) ??
    templateOption('inventoryQuery', inventoryQuery) ??
    prefixed(membershipProblem(settings.membershipRules)) ??
    numberOption('settleDelayMinutes', settings.settleDelayMinutes, 0, 7 * 24 * 60) ??
    numberOption('cacheMegabytes', settings.cacheMegabytes, 1, 1024) ??
    prefixed(knownGapsProblem(settings.knownGaps)) ??
    numberOption('minimumCoveragePercent', settings.minimumCoveragePercent, 0, 100)
  );
}

function prefixed(problem: string | undefined): string | undefined {
  return problem && `option ${problem}`;
}

function selectorOption(option: string, selector: string): string | undefined {
  const problem = selectorProblem(selector);
  return problem && `option ${option}: ${problem}`;
}

function numberOption(option: string, value: unknown, low: number, high: number): string | undefined {
  return typeof value === 'number' && value >= low && value <= high
    ? undefined
    : `option ${option} must be a number from ${low} to ${high}`;
}

/** Hours are asked for window by window, so that a template without its window would count them again and again. */
function hoursTemplate(option: string, template: string): string | undefined {
  return (
    templateOption(option, template) ??
    (/\{\{\s*range\s*\}\}/.test(template) ? undefined : `option ${option}: the query template lacks {{range}}`)
  );
}

function templateOption(option: string, template: string): string | undefined {
  try {
    expandTemplate(template, { servicesNamespace: '', windowMs: 1 });
    return undefined;
  } catch (error) {
    return `option ${option}: ${(error as Error).message}`;
  }
}
