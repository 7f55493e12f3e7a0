import { executionsLogger } from './requestLine';

/** Why a line of the executions logger is suspicious, although it may be well-formed. */
export const suspicions = ['cut', 'time', 'service'] as const;
export type Suspicion = (typeof suspicions)[number];

/** The time that the logger writes may differ from that of the log entry by this much. */
const toleratedSeconds = 15 * 60;

/**
 * RE2 sources that a line of the executions logger is matched against. They capture
 * - `o_time`: the logger's own time, if it has a zone, unlike the old form;
 * - `o_cut`: the rest of a line that ends before its user;
 * - `o_path`, `o_service`: the service of the path, and the one that the manager named in the eight-field form.
 *
 * `namespacePrefix`: RE2 source of the start of the services' namespaces.
 */
export function suspicionPatterns(namespacePrefix: string): string[] {
  const service = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
  const time = '(?:(?P<o_time>[0-9]{4}-[^ |\\n]*(?:Z|[-+][0-9:]+))|[-/:.0-9T ]+) ';
  return [
    `${executionsLogger}\\] ${time}(?P<o_cut>\\|(?:[^|\\n]*\\|){0,3}[^|\\n]*(?:\\n|$))?`,
    `\\| POST +\\\\?/(?:job|run)\\\\?/(?P<o_path>${service})(?:\\\\?/[^\\n]*)? \\|[^\\n]* \\| +(?P<o_service>${service}) +\\| +${namespacePrefix}[^|\\n]*[\\r\\n]*$`,
  ];
}

/** True where the time of the logger is further from that of the log entry than `toleratedSeconds`. */
const isOff = `gt ((__timestamp__).Sub (toDate "2006-01-02T15:04:05Z07:00" .o_time)).Abs ${toleratedSeconds * 1e9}`;
const isPost = 'contains "POST" __line__';

/**
 * Go template that gives the suspicion of a line by what was captured, or nothing. Lines that are not about a POST are suspicious only
 * where they were cut; of a POST, that is told when requests are counted (`oscar_cut` of `requestPatterns`).
 *
 * Each call of a function costs Loki half a microsecond a line, so that most lines are done with after the first condition.
 */
export const suspicionTemplate = [
  `{{ if and .o_time (${isOff}) (${isPost}) }}time`,
  `{{ else if and .o_cut (not (${isPost})) }}cut`,
  '{{ else if and .o_service (ne .o_path .o_service) (lt (len .o_path) 64) (lt (len .o_service) 64) }}service',
  '{{ end }}',
].join('');
