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

/** How the backends of a service end: exposed ones, and those of KServe (contract rule 2 b). */
const backendForms = ['-svc', '-predictor', '-kserve-workload-svc'] as const;

/** RE2 source of texts that name a service. */
export const namedText = `[${Object.values(marks).join('')}].*`;

/** Members of the JSON access logs of Traefik and nginx, by the label that takes their value. Short, as queries are addresses. */
const members: Readonly<Record<string, string>> = {
  o_answer: 'DownstreamStatus',
  o_service: 'ServiceName',
  o_host: 'RequestHost',
  o_address: 'RequestAddr',
  o_traefik: 'RequestPath',
  o_request: 'request',
  o_url: 'request_uri',
  o_path: 'path',
  o_uri: 'uri',
  o_nested: 'request.uri',
  o_link: 'url',
  o_status: 'status',
  o_upstream: 'proxy_upstream_name',
};

/** What stands for a member that a line has not. */
const absent = '?';

/** Where the path of a request may stand. Of nginx's, `path` and `uri` may have been rewritten. */
const request =
  'or .o_traefik .o_url (and (contains " /" (or .o_request "")) .o_request) .o_path .o_uri .o_nested .o_link';

/** A stage of LogQL: its name, and its argument, which is a text to be quoted where it is an expression or a template. */
export type Stage = readonly [name: 'regexp' | 'line_format' | 'json' | 'drop', argument: string];

/** RE2 source of what a container runtime writes in front of a line. */
export const runtimePrefix = '[-+.:0-9TZ]+ std(?:out|err) [FP] ';

/** A string literal of Go's templates. */
const goString = (text: string) => JSON.stringify(text);

/** RE2 source of a line with a value that holds quotes, in JSON or key="value": the first one is captured. */
const quotedValue = '(?s)^.*?(?:"|[A-Za-z_])(?:"? *: *|=)"([^"\\\\]*\\\\"(?:[^"\\\\]|\\\\.)*)".*$';
const unescape = ['"', '\\', '/'].map((text) => ` | replace ${goString(`\\${text}`)} ${goString(text)}`).join('');

/**
 * RE2 source of nginx's messages, which name the request that they are about once more, as the client wrote it. They are told before
 * anything is taken out of the line, since a client may write what looks like a wrapped line, and after that, where they were wrapped.
 */
export const nginxMessageLine = `^(?:${runtimePrefix})?[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8} \\[(?P<x_message>[a-z]+)\\] `;
const nginxMessage: Stage = ['regexp', nginxMessageLine];

/**
 * LogQL stages that make one of two forms of each access line:
 * - text as it is, out of what a collector wrote around it: the first value that holds quotes in JSON or key="value";
 * - of a JSON object, whatever the order of its members: `{ <status> <kind> <backend> <host> <request>`. The kind is `t` for
 *   Traefik, `e` for nginx with an empty upstream, else `n`.
 *
 * An object with a status of its own is an access line itself: a client's text in it may hold quotes, too. Clients' quotes are
 * escaped, so that no text of theirs holds a member. Something is written around a line where its first quote is that of a value or of a member.
 *
 * An expression that begins neither with the start of the line nor with a text costs Loki up to 20 µs a line, which is why values are only
 * looked for where there are some.
 */
export const accessStages: readonly Stage[] = [
  nginxMessage,
  ['regexp', `^(?P<o_runtime>${runtimePrefix})?[^"]*[{=:](?P<o_wrapped> *")`],
  ['regexp', '"(?P<o_own>DownstreamStatus|status)" *: *"?[0-9]{3}'],
  [
    'line_format',
    `{{ if and .o_wrapped (not .o_own) (contains ${goString('\\"')} __line__) }}` +
      `{{ $value := regexReplaceAll ${goString(quotedValue)} __line__ "\${1}" }}` +
      `{{ if eq $value __line__ }}{{ $value }}{{ else }}{{ $value${unescape} }}{{ end }}` +
      '{{ else if .o_runtime }}{{ trimPrefix .o_runtime __line__ }}{{ else }}{{ __line__ }}{{ end }}',
  ],
  [
    'json',
    Object.entries(members)
      .map(([label, member]) => `${label}="${member}"`)
      .join(', '),
  ],
  ['drop', '__error__, __error_details__'],
  ['regexp', '"(?:proxy_)?upstream_(?:name|addr)" *: *(?P<o_empty>"-?")'],
  [
    'line_format',
    `{{ if or .o_answer .o_status }}{ {{ or .o_answer .o_status }} ` +
      '{{ if .o_answer }}t{{ else if .o_empty }}e{{ else }}n{{ end }} ' +
      `{{ or .o_service .o_upstream "${absent}" }} {{ or .o_host .o_address "${absent}" | replace " " "" }} {{ ${request} "${absent}" }}` +
      '{{ else }}{{ __line__ }}{{ end }}',
  ],
  nginxMessage,
];

/**
 * RE2 sources that a line is matched against before `accessStages`, for what it may be if nobody understands it:
 * - `x_suspect`: a fixed text where it names the path of an exposed service anywhere;
 * - `x_named`, `x_routed`: texts where it names a backend in the services' namespaces, or a route of OSCAR;
 * - `x_method`: a method or a member of a request, which an access line has and a message about a service has not.
 */
export function suspectPatterns(namespacePrefix: string): string[] {
  return [
    '/system/services/[^/?" \\\\]+(?P<x_suspect>/exposed)(?:[/?" \\\\]|$)',
    `(?P<x_named>${namespacePrefix}[-a-z0-9]*-(?:svc|predictor)-[a-z0-9]+)`,
    'oscar[^" ]*(?P<x_routed>@kubernetesgateway)',
    '\\b(?P<x_method>GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS|status|[Rr]equest_?(?:[Hh]ost|[Pp]ath))\\b',
  ];
}

/**
 * RE2 sources that a line of `accessStages` is matched against, one after the other. They know nginx's and Traefik's combined
 * formats, and the form of JSON. They capture
 * - `x_exposed`: the service that the path of the request names (contract rule 2 a);
 * - `x_known`: a fixed text where the line is an access line of a known form;
 * - `x_refused`: the status, where it may mean that nobody processed the request;
 * - `x_unbacked`, `x_unserved`: fixed texts where the line says that no backend was asked; `x_traefik`: where it is
 *   Traefik's JSON, which says so by saying nothing (`x_nothing`);
 * - `x_backend`, of Traefik's service, if it is one of the Gateway API in the services' namespaces: its name without the port; and
 *   `x_host`, the first label of the host;
 * - `x_unread`: a fixed text where a backend in the services' namespaces, or a route of OSCAR, was asked by DNS name, in a form that
 *   does not tell the service; `x_own`: where the path is one of the manager's own.
 *
 * `namespacePrefix`: RE2 source of the start of the services' namespaces.
 */
export function exposedPatterns(namespacePrefix: string): string[] {
  const path = (rest: string) =>
    `(?:https?://[^/" ]*)?(?:/system/services/(?P<x_exposed>[^/?" ]+)/exposed(?:[/? ]${rest})?|/(?P<x_own>system|job|run|health)\\b${rest}|${rest})`;
  // Traefik writes quotes of a path as they are, so that the last version of HTTP is the true one.
  const target = '(?:[^\\n]* HTTP/[.0-9]+|[^"\\n]*)';
  const nobody = '-|upstream-default-backend';
  const quoted = '"(?:[^"\\\\]|\\\\.)*"';
  // nginx: … [upstream's name] […]. Traefik: number of the request, "router", "address of the server".
  const nginx = `(?:[^"\\[\\n]|${quoted})*\\[(?:(?P<x_unread>${namespacePrefix})[^\\]]*-[a-z0-9]+\\]|(?P<x_unbacked>(?:${nobody})?\\]))`;
  const traefik = `[-0-9]+ ${quoted} ${quoted} [0-9]+ "[^"]*" "(?:(?P<x_unserved>-)"|[^"])`;
  const backend =
    `(?P<x_backend>${namespacePrefix}[^ ]*)-[0-9]+@kubernetesgateway|(?P<x_backend_only>${namespacePrefix})[^ ]*@kubernetesgateway|` +
    `(?P<x_unread>${namespacePrefix})[^ ]*|(?P<x_unserved>${nobody})|(?P<x_nothing>\\${absent})|[^ ]*`;
  return [
    `^(?:[^"{\\n][^"\\n]*)?"[-A-Z]+ ${path(target)}" (?:(?P<x_refused>40[1345])|(?P<x_known>[0-9])[0-9]{2}) ` +
      `(?:${traefik}|${nginx})?`,
    `^(?P<x_known>\\{) (?:(?P<x_refused>40[1345])|[^ ]*) (?:(?P<x_traefik>t)|(?P<x_unbacked>e)|n) ` +
      `(?:${backend}) (?P<x_host>[^ .:]*)[^ ]* (?:[-A-Z]+ )?${path('[^\\n]*?')}(?: HTTP/[.0-9]+)?$`,
  ];
}

/**
 * Go template that makes one text of what the patterns captured, empty for lines that are no requests to exposed services. A
 * host is kept only where the backend bears its name, so that nobody can have Loki make a series of each name that he invents;
 * nor are names kept that were refused before a backend was asked, unless these requests count as all others.
 */
export function exposedTemplate(rejected: RejectedRequests): string {
  const isUnbacked = 'or .x_unbacked .x_unserved (and .x_traefik .x_nothing)';
  const refused = rejected === 'count' ? `${marks.refused}{{ .x_exposed }}` : rejectedText;
  const host = '(lower .x_host)';
  const fits = backendForms.map((form) => `(hasSuffix (printf "-%s${form}" ${host}) .x_backend)`).join(' ');
  return [
    `{{ if .x_message }}{{ else if and .x_exposed .x_refused (${isUnbacked}) }}${refused}`,
    `{{ else if .x_exposed }}${marks.path}{{ .x_exposed }}`,
    `{{ else if .x_backend }}${marks.host}{{ if or ${fits} }}{{ ${host} }} {{ .x_backend }}{{ end }}`,
    `{{ else if .x_backend_only }}${marks.host}`,
    `{{ else if and (or .x_unread .x_routed) (or .x_known .x_refused) (not .x_traefik) (not .x_own) }}${unreadText}`,
    `{{ else if and (or .x_suspect (and (or .x_named .x_routed) .x_method)) (not .x_known) (not .x_refused) }}${unknownText}`,
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
  const isNamespace = (namespace: string) => namespace.startsWith(namespacePrefix) && isServiceName(namespace);
  const fits = backendForms
    .map((form) => `-${host}${form}`)
    .some((end) => backend.endsWith(end) && isNamespace(backend.slice(0, -end.length)));
  return fits && isServiceName(host) ? host : invalidService;
}
