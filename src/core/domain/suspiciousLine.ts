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

/**
 * Go template that gives the suspicion of a line by what was captured, or nothing. Of lines that were cut, those about a POST
 * are left out: they are told when requests are counted (`oscar_cut` of `requestPatterns`).
 */
export const suspicionTemplate = [
  '{{ $late := 0 }}',
  '{{ if .o_time }}{{ $late = sub (int (unixEpoch __timestamp__)) (int (unixEpoch (toDate "2006-01-02T15:04:05Z07:00" .o_time))) }}{{ end }}',
  '{{ if not (contains "POST" __line__) }}{{ if .o_cut }}cut{{ end }}',
  `{{ else if or (gt $late ${toleratedSeconds}) (lt $late -${toleratedSeconds}) }}time`,
  '{{ else if and .o_service (ne .o_path .o_service) (lt (len .o_path) 64) (lt (len .o_service) 64) }}service',
  '{{ end }}',
].join('');
