import { anyRejected, type Outcome, type RejectedRequests } from './requestLine';
import { invalidService, isServiceName, toServiceKey } from './serviceName';

/** A request to an exposed service. */
export interface ExposedRequest {
  type: 'exposed';
  /** A valid service name or `(invalid)`. */
  service: string;
  /** Such lines carry no user. */
  user: '';
  outcome: Outcome;
}

/** Texts of lines that do not tell a service, as `exposedTemplate` gives them. */
export const unreadText = 'unread';
export const unknownText = 'unknown';
const rejectedText = 'rejected';
const otherText = 'other';

/** In front of what texts name: the service of a path, the host and backend of a DNS name, the service of a rejected path. */
const marks = { path: '/', host: '@', refused: '!' } as const;

/** RE2 source of texts that name a service. */
export const namedText = `[${Object.values(marks).join('')}].*`;

/** A LogQL string literal without a need to escape anything but quotes and backslashes. */
const literal = (text: string) => JSON.stringify(text);

/** What Loki says of lines that are no JSON. */
const dropErrors = '| drop __error__, __error_details__';

/** Members of the JSON access logs of Traefik and nginx, by the label that takes their value. Short, as queries are addresses. */
const members: Readonly<Record<string, string>> = {
  o_traefik: 'RequestPath',
  o_answer: 'DownstreamStatus',
  o_service: 'ServiceName',
  o_host: 'RequestHost',
  o_address: 'RequestAddr',
  o_request: 'request',
  o_path: 'path',
  o_uri: 'uri',
  o_url: 'request_uri',
  o_status: 'status',
  o_upstream: 'proxy_upstream_name',
};

/** What stands for a member that a line has not. */
const absent = '?';

/**
 * LogQL stages that make one of two forms of each access line:
 * - text as it is, out of what Docker, fluent-bit or key="value" wrote around it;
 * - of a JSON object, whatever the order of its members: `{ <status> <kind> <backend> <host> <request>`. The kind is `t` for
 *   Traefik, `e` for nginx with an empty upstream, else `n`.
 */
export const accessStages: readonly string[] = [
  `| json o_log="log", o_message="message" ${dropErrors}`,
  // A value in key="value" that holds quotes, and an object after the prefix of a container runtime.
  `| regexp ${literal('^(?:[^"\\\\{=\\n]*="[^"\\\\]*")*[^"\\\\{=\\n]*="(?P<o_quoted>[^"\\\\]*\\\\"(?:[^"\\\\]|\\\\.)*)"')}`,
  `| regexp ${literal('^[-+.:0-9TZ]+ std(?:out|err) [FP] (?P<o_rest>\\{.*)')}`,
  `| line_format ${literal(
    '{{ if .o_log }}{{ .o_log }}{{ else if .o_message }}{{ .o_message }}{{ else if .o_rest }}{{ .o_rest }}' +
      '{{ else if .o_quoted }}{{ .o_quoted | replace "\\\\\\"" "\\"" | replace "\\\\\\\\" "\\\\" }}' +
      '{{ else }}{{ __line__ }}{{ end }}'
  )}`,
  `| json ${Object.entries(members)
    .map(([label, member]) => `${label}="${member}"`)
    .join(', ')} ${dropErrors}`,
  `| regexp ${literal('"proxy_upstream_name" *: *(?P<o_empty>"")')}`,
  `| line_format ${literal(
    `{{ if or .o_traefik .o_request .o_path .o_uri .o_url }}{ {{ or .o_answer .o_status "${absent}" }} ` +
      '{{ if .o_traefik }}t{{ else if .o_empty }}e{{ else }}n{{ end }} ' +
      `{{ or .o_service .o_upstream "${absent}" }} {{ or .o_host .o_address "${absent}" }} ` +
      '{{ or .o_traefik .o_request .o_path .o_uri .o_url }}{{ else }}{{ __line__ }}{{ end }}'
  )}`,
];

/**
 * RE2 sources that a line of `accessStages` is matched against, one after the other. They know nginx's and Traefik's combined
 * formats, and the form of JSON. They capture
 * - `oscar_exposed`: the service that the path of the request names (contract rule 2 a);
 * - `oscar_known`: a fixed text where the line is an access line of a known form;
 * - `oscar_refused`: the status, where it may mean that nobody processed the request;
 * - `oscar_unbacked`, `oscar_unserved`: fixed texts where the line says that no backend was asked; `oscar_traefik`: where it is
 *   Traefik's, which says so by saying nothing (`oscar_nothing`);
 * - `oscar_backend`, of Traefik's service, if it is one of the Gateway API in the services' namespaces: the namespace and the name of
 *   the OSCAR service, and `oscar_host`, the first label of the host; `oscar_gateway`: a fixed text, if it is one without such a name;
 * - `oscar_unread`, `oscar_routed`, `oscar_own`: fixed texts where a backend in the services' namespaces, or a route of OSCAR, was asked
 *   by DNS name, in a form that does not tell the service, and where the path is one of the manager's own;
 * - `oscar_suspect`: a fixed text where the line names the path, or a backend, of an exposed service anywhere.
 *
 * `namespacePrefix`: RE2 source of the start of the services' namespaces.
 */
export function exposedPatterns(namespacePrefix: string): string[] {
  const path = (rest: string, end: string) =>
    `(?:/system/services/(?P<oscar_exposed>[^/?" ]+)/exposed(?:[/?]${rest})?${end}|/(?P<oscar_own>system|job|run|health)\\b${rest}|${rest})`;
  const nobody = '-|upstream-default-backend';
  const quoted = '"(?:[^"\\\\]|\\\\.)*"';
  // nginx: request length, request time, [upstream's name]. Traefik: number of the request, "router", "address of the server".
  const nginx = `[.0-9]+ \\[(?:(?P<oscar_unread>${namespacePrefix})[^\\]]*-[0-9]+\\]|(?P<oscar_unbacked>(?:${nobody})?\\]))`;
  const traefik = '"(?:[^"]*oscar[^"]*(?P<oscar_routed>@kubernetesgateway)|[^"]*)" "(?P<oscar_unserved>-")?';
  const backend =
    `(?P<oscar_backend>${namespacePrefix}[^ ]*?)-(?:kserve-workload-svc|predictor|svc)-[0-9]+@kubernetesgateway|` +
    `(?P<oscar_gateway>${namespacePrefix})[^ ]*@kubernetesgateway|(?P<oscar_unread>${namespacePrefix})[^ ]*|` +
    `(?P<oscar_unserved>${nobody})|(?P<oscar_nothing>\\${absent})|[^ ]*`;
  return [
    `^[^"{\\n]*"[A-Z]+ ${path('[^"]*', '(?: [^"]*)?')}" (?:(?P<oscar_refused>40[1345])|(?P<oscar_known>[0-9])[0-9]{2}) ` +
      `(?:[-0-9]+ ${quoted} ${quoted} [.0-9]+ (?:${nginx}|${traefik}))?`,
    `^(?P<oscar_known>\\{) (?:(?P<oscar_refused>40[1345])|[^ ]*) (?:(?P<oscar_traefik>t)|(?P<oscar_unbacked>e)|n) ` +
      `(?:${backend}) (?P<oscar_host>[^ .:]+)[^ ]* (?:[A-Z]+ )?${path('[^\\n]*', '(?: [^\\n]*)?')}$`,
    '/system/services/[^/?" \\\\]+(?P<oscar_suspect>/exposed)(?:[/?" \\\\]|$)',
    // An object that nothing takes out of the text around it.
    `(?P<oscar_suspect>ServiceName)\\\\*" *: *\\\\*"${namespacePrefix}`,
  ];
}

/**
 * Go template that makes one text of what the patterns captured, empty for lines that are no requests to exposed services. A
 * host is kept only where the backend bears its name, so that nobody can have Loki make a series of each name that he invents;
 * nor are names kept that were refused before a backend was asked, unless these requests count as all others.
 */
export function exposedTemplate(rejected: RejectedRequests): string {
  const isUnbacked = 'or .oscar_unbacked .oscar_unserved (and .oscar_traefik .oscar_nothing)';
  const refused = rejected === 'count' ? `${marks.refused}{{ .oscar_exposed }}` : rejectedText;
  const host = '(lower .oscar_host)';
  const fits = `hasSuffix (printf "-%s" ${host}) (or .oscar_backend "")`;
  return [
    `{{ if and .oscar_exposed .oscar_refused (${isUnbacked}) }}${refused}`,
    `{{ else if .oscar_exposed }}${marks.path}{{ .oscar_exposed }}`,
    `{{ else if or .oscar_gateway .oscar_backend }}${marks.host}{{ if ${fits} }}{{ ${host} }} {{ .oscar_backend }}{{ end }}`,
    `{{ else if or (and .oscar_unread (not .oscar_traefik)) (and .oscar_routed (not .oscar_own)) }}${unreadText}`,
    `{{ else if and .oscar_suspect (not .oscar_known) (not .oscar_refused) }}${unknownText}`,
    '{{ end }}',
  ].join('');
}

/** Text of a line as `exposedTemplate` gives it; empty for a line that was not understood, as those of requests. */
export function textOfExposed(text: string): string {
  return text === unknownText ? '' : text || otherText;
}

/** Reads a text of `textOfExposed`; undefined when it describes no request to an exposed service (contract rule 2). */
export function parseExposed(text: string, namespacePrefix: string): ExposedRequest | typeof anyRejected | undefined {
  if (text === rejectedText) {
    return anyRejected;
  }
  const [mark, name] = [text.slice(0, 1), text.slice(1)];
  const request = (service: string, outcome: Outcome = 'succeeded') =>
    ({ type: 'exposed', service, user: '', outcome }) as const;
  switch (mark) {
    case marks.path:
      return request(toServiceKey(name));
    case marks.refused:
      return request(toServiceKey(name), 'rejected');
    case marks.host:
      return request(serviceOfHost(name, namespacePrefix));
    default:
      return undefined;
  }
}

/** The host, where what stands before it in the backend's name is a namespace of services. */
function serviceOfHost(name: string, namespacePrefix: string): string {
  const [host = '', backend = ''] = name.split(' ');
  const namespace = backend.slice(0, -host.length - 1);
  const fits = isServiceName(host) && backend === `${namespace}-${host}` && namespace.startsWith(namespacePrefix);
  return fits && isServiceName(namespace) ? host : invalidService;
}
