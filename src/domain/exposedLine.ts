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

/** Texts of lines that are no such request, as `exposedTemplate` gives them. */
export const unreadText = 'unread';
export const unknownText = 'unknown';
const rejectedText = 'rejected';

/** In front of what texts name: the service of a path, the host and backend of a DNS name, the service of a rejected path. */
const marks = { path: '/', host: '@', refused: '!' } as const;

/** RE2 source of texts that name a service. */
export const namedText = `[${Object.values(marks).join('')}].*`;

/**
 * Stages that take a line out of a JSON object that Docker or a collector put around it, as LogQL text. What Loki says of other
 * lines, that they are no JSON, is dropped.
 */
export const unwrapStages =
  '| json oscar_log="log", oscar_message="message" | drop __error__, __error_details__ ' +
  '| line_format "{{ if .oscar_log }}{{ .oscar_log }}{{ else if .oscar_message }}{{ .oscar_message }}{{ else }}{{ __line__ }}{{ end }}"';

/** A quote in an access line as text, as it is or as key="value" around the line escapes it. */
const quote = '\\\\?"';

/** A quoted text. */
const quoted = `${quote}(?:[^"\\n]|\\\\+")*?${quote}`;

/** What stands before the request in an access line as text: an address, a user and a time; or key="value" in front of them. */
const before = `^(?:[^"\\\\{\\n]*|[^\\\\\\n]*"[^"\\\\{\\n]*\\\\)"`;

/** Captures the service of a path (contract rule 2 a). */
const exposedPath = `/system/services/(?P<oscar_exposed>[^/?" \\\\]+)/exposed(?:[/?" \\\\]|$)`;

/** A member of a JSON object. No client's text can hold one, as quotes are escaped there. */
const member = (key: string, value: string) => `"${key}" *: *${value}`;

/**
 * RE2 sources that a line of an ingress controller is matched against, one after the other; where two capture the same, the later one
 * decides. They know nginx's and Traefik's combined formats, and JSON with its members in any order. They capture
 * - `oscar_exposed`: the service that the path of the request names;
 * - `oscar_known`: a fixed text where the line is an access line of a known form;
 * - `oscar_refused`: the status, where it may mean that nobody processed the request;
 * - `oscar_unbacked`: a fixed text where the line says that no backend was asked;
 * - `oscar_traefik`: a fixed text where the line is Traefik's JSON;
 * - `oscar_backend`, of Traefik's service, if it is one of the Gateway API in the services' namespaces: the namespace and the name of
 *   the OSCAR service; `oscar_gateway`: a fixed text, if it is one without such a name; `oscar_service`: a fixed text for any other;
 * - `oscar_host`, `oscar_address`: first labels of the host that was asked for;
 * - `oscar_unread`, `oscar_routed`, `oscar_own`: fixed texts where a backend in the services' namespaces, or a route of OSCAR, was asked
 *   by DNS name, in a form that does not tell the service, and where the path is one of the manager's own;
 * - `oscar_suspect`: a fixed text where the line names the path, or a backend, of an exposed service anywhere.
 *
 * `namespacePrefix`: RE2 source of the start of the services' namespaces.
 */
export function exposedPatterns(namespacePrefix: string): string[] {
  const request = `${before}[A-Z]+ `;
  const answered = `${request}(?:[^"\\n]|\\\\+")*?${quote} `;
  const tail = `${answered}[0-9]{3} [-0-9]+ ${quoted} ${quoted} [.0-9]+ `;
  const nobody = '-|upstream-default-backend';
  return [
    `${request}(?:${exposedPath}|/(?P<oscar_own>system|job|run|health)\\b)`,
    `${answered}(?:(?P<oscar_refused>40[1345])|(?P<oscar_known>[0-9])[0-9]{2}) `,
    // nginx: request length, request time, [upstream's name].
    `${tail}[.0-9]+ (?:(?P<oscar_unbacked>\\[(?:${nobody})?\\])|\\[(?P<oscar_unread>${namespacePrefix})[^\\]]*-[0-9]+\\])`,
    // Traefik: number of the request, "router", "address of the server".
    `${tail}${quote}(?:[^"\\n]*oscar[^"\\n]*(?P<oscar_routed>@kubernetesgateway)|[^"\\n]*?)${quote} ${quote}(?:(?P<oscar_unbacked>-)${quote}|[^"\\n])`,
    member('(?:RequestPath|path|uri|request(?:_uri)?)', `"(?:[A-Z]+ )?(?:${exposedPath}|(?P<oscar_known>/))`),
    member('(?:DownstreamS|s)tatus', '"?(?P<oscar_refused>40[1345])\\b'),
    member('proxy_upstream_name', `"(?:(?P<oscar_unbacked>(?:${nobody})?")|(?P<oscar_unread>${namespacePrefix}))`),
    '"(?P<oscar_traefik>RequestPath)"',
    member(
      'ServiceName',
      `"(?:(?P<oscar_backend>${namespacePrefix}[^"]*?)-(?:kserve-workload-svc|predictor|svc)-[0-9]+@kubernetesgateway"|` +
        `(?P<oscar_gateway>${namespacePrefix})[^"]*@kubernetesgateway"|(?P<oscar_service>[^"]))`
    ),
    member('RequestHost', '"(?P<oscar_host>[^".:]+)'),
    member('RequestAddr', '"(?P<oscar_address>[^".:]+)'),
    '/system/services/[^/?" \\\\]+(?P<oscar_suspect>/exposed)(?:[/?" \\\\]|$)',
    // An object inside a text that nothing takes it out of.
    `(?P<oscar_suspect>ServiceName)\\\\" *: *\\\\"${namespacePrefix}`,
  ];
}

/**
 * Go template that makes one text of what the patterns captured, empty for lines that are no requests to exposed services. A
 * host is kept only where the backend bears its name, so that nobody can have Loki make a series of each name that he invents;
 * nor are names kept that were refused before a backend was asked, unless these requests count as all others.
 */
export function exposedTemplate(rejected: RejectedRequests): string {
  const isBacked = 'or .oscar_service .oscar_gateway .oscar_backend';
  const isRefused = `and .oscar_exposed .oscar_refused (or .oscar_unbacked (and .oscar_traefik (not (${isBacked}))))`;
  const refused = rejected === 'count' ? `${marks.refused}{{ .oscar_exposed }}` : rejectedText;
  const host = '(lower (or .oscar_host .oscar_address "-"))';
  const fits = `hasSuffix (printf "-%s" ${host}) (or .oscar_backend "")`;
  return [
    `{{ if ${isRefused} }}${refused}`,
    `{{ else if .oscar_exposed }}${marks.path}{{ .oscar_exposed }}`,
    `{{ else if or .oscar_gateway .oscar_backend }}${marks.host}{{ if ${fits} }}{{ ${host} }} {{ .oscar_backend }}{{ end }}`,
    `{{ else if or .oscar_unread (and .oscar_routed (not .oscar_own)) }}${unreadText}`,
    `{{ else if and .oscar_suspect (not (or .oscar_known .oscar_refused)) }}${unknownText}`,
    '{{ end }}',
  ].join('');
}

/** Text of a line as `exposedTemplate` gives it; empty for a line that was not understood, as those of requests. */
export function textOfExposed(text: string): string {
  return text === unknownText ? '' : text;
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
