import { docker, logger, type LineForm, wrapped } from './wrappings';

/** An object behind the prefix of a container runtime, and both in an object, is one wrapping too many. */
const wrappedJson = (name: string, line: string, meaning: string): LineForm[] =>
  wrapped(name, line, meaning).map((form) =>
    form.name.endsWith('CRI inside JSON') ? { ...form, meaning: 'unknown' } : form
  );

/** Lines of the manager, with `oscar-svc` as the start of the services' namespaces. */
export const managerForms: readonly LineForm[] = [
  ...wrapped('a sync request', logger(200, 'POST    /run/a | u1@example.org'), 'sync a u1@example.org succeeded'),
  ...wrapped('a rejected name', logger(404, 'POST    /job/ghost | oscar'), 'rejected'),
  ...wrapped('a bad token', logger(400, 'POST    /job/a | oscar'), 'rejected'),
  ...wrapped('an eight-field line', logger(201, 'POST    /job/p | u | s | oscar-svc-x'), 'async s u succeeded'),
  ...wrapped('quotes in a path', logger(500, 'POST    /run/a/"x"\\y | u'), 'sync a u failed'),
  ...wrapped('another path', logger(404, 'POST    /system/services | oscar'), 'none'),
  ...wrapped(
    "Gin's own line",
    '[GIN] 2026/01/20 - 09:34:35 | 404 | 1.4s | 203.0.113.42 | POST     "/job/a/[GIN-EXECUTIONS-LOGGER] x | 200 | 1ms | 192.0.2.7 | POST /run/b | forged"',
    'none'
  ),
  ...[401, 403, 405].map((status) => ({
    name: `status ${status}`,
    line: logger(status, 'POST    /run/a | u1'),
    meaning: 'rejected',
  })),
  ...[400, 402, 409, 413, 500, 502, 503].map((status) => ({
    name: `status ${status} of a user`,
    line: logger(status, 'POST    /run/a | u1'),
    meaning: 'sync a u1 failed',
  })),
  { name: 'storage down', line: logger(502, 'POST    /run/a | oscar'), meaning: 'rejected' },
  { name: 'basic authentication', line: logger(201, 'POST    /job/a | oscar'), meaning: 'async a oscar succeeded' },
  { name: 'an error for oscar', line: logger(500, 'POST    /job/a | oscar'), meaning: 'async a oscar failed' },
  { name: 'a redirect', line: logger(307, 'POST    /job/a | u1'), meaning: 'async a u1 succeeded' },
  { name: 'oscar, eight fields', line: logger(400, 'POST    /job/a | oscar | a | oscar-svc-x'), meaning: 'rejected' },
  { name: 'oscar, two empty fields', line: logger(400, 'POST    /job/a | oscar |  | '), meaning: 'rejected' },
  { name: 'oscar, trimmed', line: logger(400, 'POST    /job/a | oscar |  |'), meaning: 'rejected' },
  { name: 'oscar in the path', line: logger(400, 'POST    /job/a | oscar | u1'), meaning: 'async (invalid) u1 failed' },
  { name: 'a user like oscar', line: logger(400, 'POST    /job/a | oscar2'), meaning: 'async a oscar2 failed' },
  { name: 'two empty fields', line: logger(200, 'POST    /job/demo | u |  | '), meaning: 'async demo u succeeded' },
  { name: 'no service', line: logger(200, 'POST    /job/demo | u |  | oscar-svc'), meaning: 'async demo u succeeded' },
  { name: 'no user', line: logger(200, 'POST    /job/demo | '), meaning: 'async demo (none) succeeded' },
  {
    name: 'old time',
    line: logger(201, 'POST    /job/a | u', '2026/01/20 - 09:34:35'),
    meaning: 'async a u succeeded',
  },
  { name: 'a similar path', line: logger(200, 'POST    /jobs/a | u'), meaning: 'none' },
  { name: 'a path that ends early', line: logger(200, 'POST    /ru | u'), meaning: 'none' },
  {
    name: 'cut off in a wrapping',
    line: docker(logger(200, 'POST    /job/a | u')).replace(/\\n.*/, ''),
    meaning: 'unknown',
  },
  {
    name: 'JSON in JSON',
    line: JSON.stringify({ message: docker(logger(200, 'POST    /run/a | u')) }),
    meaning: 'unknown',
  },
  {
    name: 'JSON in key=value',
    line: `log=${docker(JSON.stringify(docker(logger(200, 'POST    /run/a | u'))))}`,
    meaning: 'unknown',
  },
  { name: 'in colours', line: logger(200, '\u001b[97;46m POST    \u001b[0m /job/a | u'), meaning: 'unknown' },
  {
    name: 'no blanks',
    line: '[GIN-EXECUTIONS-LOGGER] 2026-06-15T10:00:00Z|200|12ms|1.1.1.1|POST /job/a|u',
    meaning: 'unknown',
  },
  {
    name: 'an object',
    line: '{"logger":"GIN-EXECUTIONS-LOGGER","time":"2026-06-15T10:00:00Z","method":"POST","path":"/job/a"}',
    meaning: 'none',
  },
  { name: 'no time', line: '[GIN-EXECUTIONS-LOGGER] | POST ', meaning: 'none' },
  { name: 'no time, whole', line: logger(201, 'POST    /job/a | u', 'x'), meaning: 'none' },
  { name: 'no time, cut', line: logger(404, 'POST    /job/a', 'now'), meaning: 'none' },
  {
    name: 'the name in a text',
    line: 'level=info msg="POST to /job/[GIN-EXECUTIONS-LOGGER] refused" time=2026-06-15T10:00:00Z',
    meaning: 'none',
  },
  {
    name: 'escaped separators',
    line: docker(logger(200, 'POST    /job/a | u')).replaceAll('|', '\\u007c'),
    meaning: 'unknown',
  },
  { name: 'another method about POST', line: logger(404, 'GET     /job/POST | u'), meaning: 'none' },
  {
    name: 'a blank after the namespace',
    line: logger(200, 'POST    /run/p | u | s | oscar-svc-x '),
    meaning: 'sync s u succeeded',
  },
  { name: 'an odd namespace', line: logger(400, 'POST    /run/p | oscar | s | oscar-svc_X'), meaning: 'rejected' },
  { name: 'a tab at the end', line: logger(400, 'POST    /run/a | oscar |  | \t'), meaning: 'rejected' },
  { name: 'a blank before oscar', line: logger(400, 'POST    /run/a |  oscar'), meaning: 'rejected' },
  { name: 'in other quotes', line: `log='${logger(200, 'POST    /job/a | u')}'`, meaning: 'unknown' },
  { name: 'another format', line: '[GIN-EXECUTIONS-LOGGER] 2026-06-15T10:00:00Z 200 POST /job/a', meaning: 'unknown' },
];

const nginx = (status: number, path: string, upstream = '[oscar-svc-x-svc-80] []') =>
  `192.0.2.10 - - [15/Jun/2026:10:00:00 +0000] "GET ${path} HTTP/1.1" ${status} 17 "https://x/system/services/r/exposed/" "curl \\x22q\\x22" 109 0.003 ${upstream} 203.0.113.9:80 17 0.002 200 0123`;
const common = (
  status: number,
  path: string,
  router = 'websecure-oscar@kubernetes',
  server = 'http://10.42.0.9:8080'
) =>
  `10.42.0.1 - - [15/Jun/2026:12:30:00 +0000] "GET ${path} HTTP/1.1" ${status} 5 "-" "curl \\"q\\"" 12 "${router}" "${server}" 3ms`;
const traefik = (fields: object) =>
  JSON.stringify({
    ClientHost: '10.42.0.1',
    ClientUsername: '-", "RequestPath": "/x',
    DownstreamStatus: 200,
    RequestMethod: 'GET',
    ...fields,
    StartUTC: '2026-06-15T10:00:00Z',
  });
const gateway = (backend: string) => `${backend}@kubernetesgateway`;
const reversed = (json: string) =>
  JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(json) as object).reverse()));
const nginxJson = (fields: object) =>
  JSON.stringify({
    time: '2026-06-15T10:00:00Z',
    status: 200,
    method: 'GET',
    proxy_upstream_name: 'oscar-svc-s-svc-80',
    ...fields,
  });
const path = '/system/services/s/exposed/x?y=1';
/** What a client may send so that it looks like a line that a collector wrapped. */
const clientsLine = '/a="\\"GET /system/services/v/exposed/ HTTP/1.1\\" 200 1"';
const dns = traefik({
  RequestHost: 'Demo.example.org',
  RequestPath: '/api',
  ServiceName: gateway('oscar-svc-u1-demo-svc-80'),
});

/** Lines of the ingress controller; an exposed request has no user, and nobody tells whether it failed. */
export const ingressForms: readonly LineForm[] = [
  ...wrapped('nginx', nginx(200, path), 'exposed s  succeeded'),
  ...wrapped('nginx without a backend', nginx(404, path, '[upstream-default-backend] []'), 'rejected'),
  ...wrapped('common log format', common(200, path), 'exposed s  succeeded'),
  ...wrapped('common log format without a server', common(404, path, '-', '-'), 'rejected'),
  ...wrappedJson('Traefik', traefik({ RequestPath: path, ServiceName: 'x@kubernetes' }), 'exposed s  succeeded'),
  ...wrappedJson(
    'Traefik, other order',
    reversed(traefik({ RequestPath: path, ServiceName: 'x@file' })),
    'exposed s  succeeded'
  ),
  ...wrappedJson('Traefik without a service', traefik({ RequestPath: path, DownstreamStatus: 404 }), 'rejected'),
  ...wrappedJson('Traefik by DNS name', dns, 'exposed demo  succeeded'),
  ...wrappedJson('nginx as JSON', nginxJson({ path }), 'exposed s  succeeded'),
  ...wrappedJson(
    'nginx as JSON, whole request',
    nginxJson({ request: `GET ${path} HTTP/1.1` }),
    'exposed s  succeeded'
  ),
  ...wrappedJson(
    'nginx as JSON without a backend',
    nginxJson({ path, status: '404', proxy_upstream_name: '' }),
    'rejected'
  ),
  ...wrapped(
    'a message of nginx',
    `2026/06/15 10:00:00 [warn] 33#33: *1234 a client request body is buffered, client: 192.0.2.10, request: "POST ${path} HTTP/2.0", host: "x"`,
    'none'
  ),
  ...wrapped('a referrer', nginx(200, '/other', '[default-web-80] []'), 'none'),
  ...wrapped('a query', nginx(200, `/login?next=${path}`, '[default-web-80] []'), 'none'),
  { name: 'an application that answers 404', line: nginx(404, path), meaning: 'exposed s  succeeded' },
  { name: 'no upstream', line: nginx(403, path, '[-] []'), meaning: 'rejected' },
  { name: 'an empty upstream', line: nginx(405, path, '[] []'), meaning: 'rejected' },
  { name: 'an upstream that is down', line: nginx(502, path, '[] []'), meaning: 'exposed s  succeeded' },
  {
    name: 'combined only',
    line: `192.0.2.1 - - [x] "GET ${path} HTTP/1.1" 404 1 "-" "curl"`,
    meaning: 'exposed s  succeeded',
  },
  { name: 'a bad name', line: nginx(200, '/system/services/A_B/exposed'), meaning: 'exposed (invalid)  succeeded' },
  { name: 'not exposed', line: nginx(200, '/system/services/s/exposedx', '[default-web-80] []'), meaning: 'none' },
  { name: 'the API', line: nginx(200, '/system/services/s', '[oscar-oscar-8080] []'), meaning: 'none' },
  {
    name: 'DNS name, KServe',
    line: dns.replace('demo-svc-80', 'demo-kserve-workload-svc-8000'),
    meaning: 'exposed demo  succeeded',
  },
  {
    name: 'DNS name, predictor',
    line: dns.replace('u1-demo-svc-80', 'demo-predictor-80'),
    meaning: 'exposed demo  succeeded',
  },
  { name: 'DNS name, no host', line: dns.replace('RequestHost', 'RequestAddr'), meaning: 'exposed demo  succeeded' },
  { name: 'DNS name, other host', line: dns.replace('Demo.', 'other.'), meaning: 'exposed (invalid)  succeeded' },
  {
    name: 'DNS name, host like the namespace',
    line: dns.replace('Demo.', 'u1-demo.').replace('oscar-svc-u1', 'oscar-u1'),
    meaning: 'none',
  },
  {
    name: 'DNS name, part of the namespace',
    line: dns.replace('Demo.', 'svc-u1-demo.'),
    meaning: 'exposed (invalid)  succeeded',
  },
  { name: 'DNS name, other port', line: dns.replace('svc-80', 'web-80'), meaning: 'exposed (invalid)  succeeded' },
  { name: 'DNS name, 404 of the application', line: dns.replace(':200', ':404'), meaning: 'exposed demo  succeeded' },
  { name: 'another service', line: dns.replace('oscar-svc-u1-demo-svc', 'monitoring-grafana'), meaning: 'none' },
  { name: 'path through the gateway', line: dns.replace('/api', path), meaning: 'exposed s  succeeded' },
  { name: 'nginx by DNS name', line: nginx(200, '/api', '[oscar-svc-u1-demo-svc-80] []'), meaning: 'unread' },
  { name: 'nginx as JSON by DNS name', line: nginxJson({ path: '/api' }), meaning: 'unread' },
  {
    name: 'common log format by DNS name',
    line: common(200, '/api', 'httproute-oscar-0@kubernetesgateway'),
    meaning: 'unread',
  },
  {
    name: "the manager's own path",
    line: common(200, '/system/info', 'httproute-oscar-0@kubernetesgateway'),
    meaning: 'none',
  },
  ...[
    ['filebeat', JSON.stringify({ message: nginx(200, path), log: { offset: 12, file: { path: '/var/log/x.log' } } })],
    ['a level beside it', JSON.stringify({ log: 'access', message: nginx(200, path) })],
    ['another member', JSON.stringify({ msg: nginx(200, path) })],
    ['promtail pack', JSON.stringify({ _entry: traefik({ RequestPath: path, ServiceName: 'x@file' }), pod: 'x' })],
    [
      'a message in the object',
      traefik({ RequestPath: path, ServiceName: 'x@file', message: 'access', log: 'access' }),
    ],
    ['flattened', JSON.stringify({ method: 'GET', path, status: 200, message: `GET ${path}` })],
    ['nested', JSON.stringify({ request: { method: 'GET', uri: path }, status: 200 })],
    ['method as request', nginxJson({ request: 'GET', request_uri: path })],
    ['rewritten', nginxJson({ uri: '/x', path: '/', request_uri: path })],
    ['url', nginxJson({ url: path })],
    ['a further field', nginx(200, path).replace('" 109', '" "192.0.2.9" 109')],
    ['an absolute target', nginx(200, `http://c.example.org${path}`)],
    ['quotes in a path', common(200, `${path}&q="a"`)],
    ['a line in a path', common(404, `${path}&q=" 404 5 "-" "-" 12 "r@x" "-" 3ms`, 'r@x', 'http://x')],
    ['a blank for a host', traefik({ RequestPath: path, RequestHost: ' ', ServiceName: 'x@file' })],
    ['blanks in a host', traefik({ RequestPath: path, RequestHost: 'a b', ServiceName: 'x@file' })],
  ].map(([name = '', line = '']) => ({ name: `access line, ${name}`, line, meaning: 'exposed s  succeeded' })),
  ...[
    ['another member', JSON.stringify({ msg: nginx(200, '/api') })],
    ['a named port', nginx(200, '/api', '[oscar-svc-u1-demo-svc-http] []')],
    ['a further field', nginx(200, '/api').replace('" 109', '" "192.0.2.9" 109')],
  ].map(([name = '', line = '']) => ({ name: `unread, ${name}`, line, meaning: 'unread' })),
  ...[
    ['logfmt', 'method=GET ServiceName=oscar-svc-demo-svc-80@kubernetesgateway host=demo'],
    ['other members', '{"request_method":"GET","service_name":"oscar-svc-demo-svc-80@kubernetesgateway"}'],
    ['ECS', JSON.stringify({ message: 'x', url: { path } })],
    ['syslog', `<13>Jun 15 10:00:00 host nginx: ${nginxJson({ path: '/api' })}`],
    ['object in an object', JSON.stringify({ log: JSON.parse(nginxJson({ path: '/api' })) as object })],
    ['attributes', `{"attributes":{"ServiceName":"oscar-svc-demo-svc-80@kubernetesgateway","RequestPath":"/"}}`],
    ['names with a line', '{"service_name":"oscar-svc-demo-svc-80@kubernetesgateway","request_host":"demo.x"}'],
    ['single quotes', `log='${nginxJson({ path: '/api' })}'`],
    ['a bare time', `2026-06-15T10:00:00Z ${nginxJson({ path })}`],
  ].map(([name = '', line = '']) => ({ name: `unknown, ${name}`, line, meaning: 'unknown' })),
  {
    name: 'a further field without a backend',
    line: nginx(404, path, '[upstream-default-backend] []').replace('" 109', '" "192.0.2.9" 109'),
    meaning: 'rejected',
  },
  {
    name: 'DNS name, KServe-like service',
    line: dns.replace('demo-svc-80', 'x-kserve-workload-svc-80').replace('Demo.', 'x-kserve-workload.'),
    meaning: 'exposed x-kserve-workload  succeeded',
  },
  { name: 'DNS name, empty label', line: dns.replace('Demo.', '.'), meaning: 'exposed (invalid)  succeeded' },
  { name: 'DNS name, no path', line: dns.replace('RequestPath', 'Path'), meaning: 'exposed demo  succeeded' },
  {
    name: 'a message about a backend',
    line: 'time="2026-06-15T10:00:00Z" level=error msg="no endpoint" serviceName=oscar-svc-demo-svc-80@kubernetesgateway',
    meaning: 'none',
  },
  {
    name: "a client's wrapped line in a message of nginx",
    line: `2026/06/15 10:00:00 [error] 31#31: *1 connect() failed, request: "GET ${clientsLine} HTTP/1.1", host: "h"`,
    meaning: 'none',
  },
  {
    name: "a client's wrapped line in a path",
    line: nginx(200, clientsLine, '[default-web-80] []'),
    meaning: 'none',
  },
  {
    name: 'a user agent like a message of nginx',
    line: nginxJson({ path, status: 200, http_user_agent: '2026/06/15 10:00:00 [error] ' }),
    meaning: 'exposed s  succeeded',
  },
  {
    name: 'a message of nginx in a rich object',
    line: JSON.stringify({
      kubernetes: { container_image: 'r/x:v1@sha256:1' },
      log: `2026/06/15 10:00:00 [warn] 33#33: request: "POST ${path} HTTP/1.1"`,
    }),
    meaning: 'none',
  },
  {
    name: 'an object in a text',
    line: `msg: ${JSON.stringify(dns)}`,
    meaning: 'exposed demo  succeeded',
  },
  {
    name: 'nginx as JSON without an upstream name',
    line: nginxJson({ path, status: 404, proxy_upstream_name: undefined }),
    meaning: 'exposed s  succeeded',
  },
  ...['upstream_name', 'upstream_addr'].map((member) => ({
    name: `nginx as JSON, no ${member}`,
    line: nginxJson({ path, status: 404, proxy_upstream_name: undefined, [member]: '' }),
    meaning: 'rejected',
  })),
  {
    name: 'nginx as JSON, upstream -',
    line: nginxJson({ path, status: 404, proxy_upstream_name: '-' }),
    meaning: 'rejected',
  },
  { name: 'an unknown format', line: `method=GET path=${path} status=200`, meaning: 'unknown' },
];
