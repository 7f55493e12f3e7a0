import { countryLabels } from '../domain/countries';
import {
  accessStages,
  exposedPatterns,
  exposedTemplate,
  namedText,
  runtimePrefix,
  type Stage,
  suspectPatterns,
  textOfExposed,
  unknownText,
} from '../domain/exposedLine';
import {
  executionsLogger,
  type RejectedRequests,
  loggerPattern,
  requestExtractor,
  requestLabels,
  requestPatterns,
  textOfRequest,
  uniformPatterns,
} from '../domain/requestLine';
import { isServiceName } from '../domain/serviceName';
import { suspicionPatterns, suspicionTemplate } from '../domain/suspiciousLine';
import { escapeRegex } from './regex';

/** Label that may carry how the caller authenticated (contract rule 9). */
export const authLabel = 'auth_method';

/** What the plugin asks of one family of log lines. */
export interface LineFamily {
  /** Name used in messages and cache keys. */
  id: 'requests' | 'exposed';
  /** LogQL stream selector from the options. */
  selector: string;
  /** Stages that keep the lines of the family, as LogQL text. */
  filters: string;
  /** Stages that extract `extracted`, as LogQL text. */
  parser: string;
  /** Names of the extracted labels. */
  extracted: readonly string[];
  /** Label filter that keeps the lines which name a service, as LogQL text. */
  named: string;
  /** Stages after `parser` that keep the lines which were not understood, as LogQL text. */
  notUnderstood: string;
  /** Stages that extract why a line is suspicious as `suspicionLabel`, after filters of their own, as LogQL text; absent where none tells. */
  suspects?: string;
  /** Stages that extract `uniform` alone, as LogQL text; nothing where none tells. */
  sorter: string;
  /** The extracted labels of lines that are all one text for each of them, whatever they name. */
  uniform: readonly string[];
  /** The one of them that the sorter extracts of just the same lines as the parser; absent where none tells. */
  sorted?: string;
  /** Labels of the result, the extracted ones first. */
  groupBy: readonly string[];
  /** What the labels of a result say of its lines, as one text; empty where they were not understood. */
  textOf: (labels: Readonly<Record<string, string>>) => string;
  /**
   * The same text from a line. Only where the parser leaves no line out, and where that can be done here at no risk: with it,
   * the lines themselves can be read instead of their counts (specs/decisions/0011).
   */
  extract?: (line: string) => string;
}

/** What shapes the families of lines, from the options. */
export interface LineOptions {
  /** Start of the names of the services' namespaces. */
  namespacePrefix: string;
  rejected: RejectedRequests;
}

/** A LogQL string literal. Quotes with `"`, which needs only `\`, `"` and line ends escaped (LogQL grammar, Go syntax). */
export function quoteLogql(text: string): string {
  return JSON.stringify(text);
}

/** A LogQL string literal of a text with much to escape, in quotes that escape nothing where it holds none: queries are addresses. */
function quoteRaw(text: string): string {
  return /[`\n\r]/.test(text) ? quoteLogql(text) : `\`${text}\``;
}

/** RE2 source of what a container runtime, Docker or fluent-bit may write in front of a message. */
const wrapping = `(?:${runtimePrefix}|(?:\\{.*"[A-Za-z_]+" *: *|[A-Za-z_]+=(?:.*=)?)"(?:${runtimePrefix})?)`;

/**
 * RE2 source of Gin's own access lines, bare or after what a collector writes in front. Anyone can make one that names
 * the executions logger in its path; it describes no request (contract rule 1), and is no line of an unknown form.
 *
 * For Loki's sake each alternative starts with another character, and no class of characters is a negated one: Loki writes
 * the pattern of a line filter down for each request, for which Go walks through every character of its classes (2 ms).
 */
export const accessLogPattern = `^${wrapping}?\\[GIN\\] `;

/** RE2 source of nginx's messages, which name the request that they are about once more. */
export const nginxMessagePattern = `^${wrapping}?[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8} \\[[a-z]+\\] `;

/** Label that takes why a line is suspicious (domain/suspiciousLine.ts). */
export const suspicionLabel = 'oscar_suspicion';

/**
 * Lines of the manager's executions logger that may be requests. Loki groups lines with one and the same tail; what the
 * tail means is decided here, once per distinct tail (domain/requestLine.ts).
 */
export function requestFamily(selector: string, { namespacePrefix, rejected }: LineOptions): LineFamily {
  const prefix = escapeRegex(namespacePrefix);
  const patterns = requestPatterns(prefix, rejected);
  const logger = `|= ${quoteLogql(executionsLogger)}`;
  // Patterns set labels of what they did not find, too, which would be a quarter of Loki's answer.
  const withoutEmpty = `| drop ${requestLabels.map((label) => `${label}=""`).join(', ')}`;
  const isLine = `|~ ${quoteLogql(loggerPattern)} !~ ${quoteLogql(accessLogPattern)}`;
  return {
    id: 'requests',
    selector,
    filters: `${logger} |= "POST" ${isLine}`,
    parser: `${stagesOf(patterns)} ${withoutEmpty}`,
    extracted: requestLabels,
    named: 'oscar_call != ""',
    notUnderstood: '| oscar_call = "" | oscar_rejected = "" | oscar_cut = "" | oscar_other !~ ".* /"',
    suspects: `${logger} ${isLine} ${stagesOf(suspicionPatterns(prefix))} | label_format ${suspicionLabel}=${quoteRaw(suspicionTemplate)}`,
    ...(rejected === 'separate'
      ? {
          sorter: stagesOf(uniformPatterns(prefix)),
          uniform: ['oscar_rejected', 'oscar_cut'],
          sorted: 'oscar_rejected',
        }
      : { sorter: '', uniform: [] }),
    groupBy: [...requestLabels, ...countryLabels, authLabel],
    textOf: textOfRequest,
    extract: requestExtractor(patterns),
  };
}

function stagesOf(patterns: readonly string[]): string {
  return patterns.map((pattern) => textOfStage(['regexp', pattern])).join(' ');
}

function textOfStage([name, argument]: Stage): string {
  return `| ${name} ${name === 'regexp' || name === 'line_format' ? quoteRaw(argument) : argument}`;
}

const exposedLabel = 'oscar_text';

/**
 * RE2 sources that each line of the exposed family matches, all of them. Texts without a choice, which Loki looks for faster than it matches an
 * expression. Routes of the Gateway API may be anybody's.
 */
export function exposedMentions(namespacePrefix: string): string[] {
  return [
    ['/exposed', '@kubernetesgateway', `\\[${namespacePrefix}`, `"${namespacePrefix}`].join('|'),
    ['/exposed', 'oscar', namespacePrefix].join('|'),
  ];
}

/** RE2 source of a call of the manager in a line of the ingress controller that is a POST. Rather too many: a referrer may look like one. */
export const ingressCallPattern = '[" ](?:https?://[^/" ]+)?\\\\?/(?:job|run)\\\\?/';

/**
 * Lines of the ingress controller that are requests to exposed services. Loki extracts: its expressions take linear time,
 * and a line that anyone can write would keep those of a browser busy for long.
 */
export function exposedFamily(selector: string, { namespacePrefix, rejected }: LineOptions): LineFamily {
  const prefix = escapeRegex(namespacePrefix);
  const suspects = stagesOf(suspectPatterns(prefix));
  const access = accessStages.map(textOfStage).join(' ');
  const stages = stagesOf(exposedPatterns(prefix));
  const template = `| label_format ${exposedLabel}=${quoteRaw(exposedTemplate(rejected))}`;
  return {
    id: 'exposed',
    selector,
    filters: exposedMentions(prefix)
      .map((pattern) => `|~ ${quoteLogql(pattern)}`)
      .join(' '),
    parser: [suspects, access, stages, template].join(' '),
    extracted: [exposedLabel],
    named: `${exposedLabel} =~ ${quoteLogql(namedText)}`,
    notUnderstood: `| ${exposedLabel} = ${quoteLogql(unknownText)}`,
    sorter: '',
    uniform: [],
    groupBy: [exposedLabel, ...countryLabels],
    textOf: (labels) => textOfExposed(labels[exposedLabel] ?? ''),
  };
}

/**
 * Counts of a family's lines by its labels, in windows of `windowMs` that end `offsetMs` before the evaluation time.
 * A window is (t - range, t], so an offset of 1 ms turns evaluation at an exclusive end into [start, end) at
 * millisecond resolution (contract rule 5; `ms` is the finest unit of LogQL).
 */
export function countExpr(family: LineFamily, windowMs: number, offsetMs: number): string {
  const pipeline = `${family.selector} ${family.filters} ${family.parser}`;
  return `sum by (${family.groupBy.join(', ')}) (count_over_time(${pipeline} ${window(windowMs, offsetMs)}))`;
}

/**
 * How many lines of a family there are in the windows of `countExpr`, by all labels but the extracted ones, and apart those that are
 * all one text.
 */
export function countLinesExpr(family: LineFamily, windowMs: number, offsetMs: number): string {
  const by = [...family.uniform, ...keptLabels(family)].join(', ');
  return `sum by (${by}) (count_over_time(${family.selector} ${sortedFilters(family)} ${window(windowMs, offsetMs)}))`;
}

function sortedFilters({ filters, sorter }: LineFamily): string {
  return sorter === '' ? filters : `${filters} ${sorter}`;
}

/** Label that no stream has. */
const noLabel = 'oscar_metrics_none';

/**
 * The same answer of a query over several evaluation times, which Loki's front end does not split. It splits by the longest
 * range of a query, at multiples of it since the epoch, so that a part about no stream, with the range `unsplitMs`, decides
 * (`reduceSplitIntervalForRangeVector` in Loki's pkg/querier/queryrange/splitters.go; specs/decisions/0013). The selector is
 * kept in that part because a tenant may require labels.
 */
export function unsplit(expr: string, selector: string, unsplitMs: number): string {
  const nothing = narrowed(selector, `${noLabel}="none"`);
  return `${expr} or on (${noLabel}) count_over_time(${nothing} ${window(unsplitMs, 0)})`;
}

/**
 * A range with which `unsplit` keeps Loki from splitting a query that is evaluated at `first`, `first + stepMs`, … `last`; ms since the
 * epoch. A multiple of it lies just before `first`, and the next one beyond `last`.
 */
export function unsplitRange(first: number, last: number, stepMs: number): number {
  // A quarter of a step is more than what rounding takes off the multiples, and keeps within the limit of length.
  const multiples = Math.max(1, Math.floor(first / (last - first + stepMs / 4)));
  return Math.floor(first / multiples);
}

/** The part of a selector's streams that matches one more matcher. */
export function narrowed(selector: string, matcher: string): string {
  const matchers = selector.trim().slice(0, -1).trimEnd();
  return `${matchers.endsWith(',') ? matchers.slice(0, -1) : matchers}, ${matcher}}`;
}

/** Matcher of the streams whose label has one of these values, or has none of them. */
export function valueMatcher(label: string, values: readonly string[], has: boolean): string {
  return `${label}${has ? '=~' : '!~'}${quoteLogql(values.map(escapeRegex).join('|'))}`;
}

/** How many lines of a family there are in the windows of `countExpr`; for families whose parser leaves none out. */
export function totalExpr({ selector, filters }: LineFamily, windowMs: number, offsetMs: number): string {
  return `sum(count_over_time(${selector} ${filters} ${window(windowMs, offsetMs)}))`;
}

/** How many of a family's lines are suspicious, by the suspicion (`suspicionLabel`), in the windows of `countExpr`. */
export function suspectsExpr(
  { selector, suspects }: LineFamily & { suspects: string },
  windowMs: number,
  offsetMs: number
): string {
  const pipeline = `${selector} ${suspects} | ${suspicionLabel} != ""`;
  return `sum by (${suspicionLabel}) (count_over_time(${pipeline} ${window(windowMs, offsetMs)}))`;
}

/**
 * How many lines of the ingress controller may be calls of the manager (contract rule 1), in the windows of `countExpr`.
 */
export function ingressCallsExpr(selector: string, windowMs: number, offsetMs: number): string {
  const filters = `|= "POST" |~ ${quoteLogql(ingressCallPattern)} !~ ${quoteLogql(nginxMessagePattern)}`;
  return `sum(count_over_time(${selector} ${filters} ${window(windowMs, offsetMs)}))`;
}

/** How many lines of the manager name the executions logger and POST, whatever they are, in the windows of `countExpr`. */
export function foreignExpr(selector: string, windowMs: number, offsetMs: number): string {
  const filters = `|= ${quoteLogql(executionsLogger)} |= "POST" !~ ${quoteLogql(`${loggerPattern}|${accessLogPattern}`)}`;
  return `sum(count_over_time(${selector} ${filters} ${window(windowMs, offsetMs)}))`;
}

/** How many lines there are in the streams of a selector, in the windows of `countExpr`. */
export function entriesExpr(selector: string, windowMs: number, offsetMs: number): string {
  return `sum(count_over_time(${selector} ${window(windowMs, offsetMs)}))`;
}

/** The lines of a family, with those of their labels that `countExpr` groups by. */
export function linesExpr(family: LineFamily): string {
  return `${family.selector} ${family.filters} | keep ${keptLabels(family).join(', ')}`;
}

/** The same without the lines that `countLinesExpr` gives as `sorted`. */
export function unsortedLinesExpr(family: LineFamily): string {
  const { selector, sorted } = family;
  return sorted === undefined
    ? linesExpr(family)
    : `${selector} ${sortedFilters(family)} | ${sorted} = "" | keep ${keptLabels(family).join(', ')}`;
}

function keptLabels({ groupBy, extracted }: LineFamily): string[] {
  return groupBy.filter((label) => !extracted.includes(label));
}

function window(windowMs: number, offsetMs: number): string {
  return `[${windowMs}ms]${offsetMs === 0 ? '' : ` offset ${offsetMs}ms`}`;
}

/** Names in the pattern of a query: with more, hardly a line is left out. */
const maxNames = 40;

/** Characters of an address that the stages of a family may take: nginx refuses requests of more than 8 kB by default. */
const maxStageCharacters = 6500;

/**
 * The family without most of the lines that name none of these services: a line names a service as a whole word. With a name
 * that no service can have, or with so many that addresses would be too long, it is the family itself.
 */
export function naming(family: LineFamily, services: readonly string[]): LineFamily {
  const words = `\\b(?:${services.join('|')})\\b`;
  const filters = `${family.filters} |~ ${quoteLogql(words)}`;
  const isShort = new URLSearchParams({ query: `${filters} ${family.parser}` }).toString().length <= maxStageCharacters;
  return services.length <= maxNames && isShort && services.every(isServiceName) ? { ...family, filters } : family;
}

/**
 * The time of the first or last line of each extracted text that names a service, in ms since the epoch, in the windows of `countExpr`. A line
 * belongs to the millisecond at or after its timestamp (contract rule 5), hence the rounding up. Lines without such a
 * text are left out.
 */
export function timeExpr(family: LineFamily, edge: 'first' | 'last', windowMs: number, offsetMs: number): string {
  const time = '{{ div (add (int (unixEpochNanos __timestamp__)) 999999) 1000000 }}';
  const stages = `| ${family.named} | label_format oscar_time=${quoteLogql(time)} | unwrap oscar_time`;
  const pipeline = `${family.selector} ${family.filters} ${family.parser} ${stages}`;
  const aggregation = edge === 'first' ? 'min_over_time' : 'max_over_time';
  return `${aggregation}(${pipeline} ${window(windowMs, offsetMs)}) by (${family.extracted.join(', ')})`;
}

/**
 * Says what is wrong with a stream selector, or returns undefined when it is one: `{` label, operator, quoted value,
 * comma-separated, `}`. Nothing may follow, since what follows would become part of the pipeline.
 */
export function selectorProblem(selector: string): string | undefined {
  const text = selector.trim();
  if (!text.startsWith('{') || !text.endsWith('}')) {
    return 'a stream selector starts with { and ends with }';
  }
  const matcher = '[a-zA-Z_][a-zA-Z0-9_]*\\s*(?:=~|!~|!=|=)\\s*(?:"(?:[^"\\\\\\n]|\\\\.)*"|`[^`]*`)';
  if (!new RegExp(`^\\{\\s*${matcher}(?:\\s*,\\s*${matcher})*\\s*(?:,\\s*)?\\}$`).test(text)) {
    return 'between { and } there must be matchers such as app="oscar", separated by commas, and nothing may follow the }';
  }
  return undefined;
}
