import { type Suspicion } from '../core/domain/suspiciousLine';
import { wrappings } from './wrappings';

/** A line that is logged at `suspiciousTime`, and what it is suspected of. */
export interface SuspiciousForm {
  name: string;
  line: string;
  suspicion: Suspicion | 'none';
}

export const suspiciousTime = '2026-06-15T10:00:00Z';

const logger = (call: string, time = suspiciousTime) =>
  `[GIN-EXECUTIONS-LOGGER] ${time} | 201 |   12.345678ms | 192.0.2.7 | ${call}`;
const wrapped = (name: string, line: string, suspicion: SuspiciousForm['suspicion']): SuspiciousForm[] =>
  wrappings.map(([how, wrap]) => ({ name: `${name}, ${how}`, line: wrap(line), suspicion }));

const post = (path: string) => `POST    ${path}`;

/** Lines of the manager, with `oscar-svc` as the start of the services' namespaces. */
export const suspiciousForms: readonly SuspiciousForm[] = [
  ...wrapped('a request', logger(post('/job/a | u')), 'none'),
  ...wrapped('eight fields', logger(post('/job/a | u | a | oscar-svc-x')), 'none'),
  ...wrapped('another service', logger(post('/job/mine | u | victim | oscar-svc')), 'service'),
  ...wrapped('too early', logger(post('/job/a | u'), '2026-06-15T09:44:59Z'), 'time'),
  ...wrapped('too late', logger(post('/job/a | u'), '2026-06-15T10:15:01.5Z'), 'time'),
  ...wrapped('just early enough', logger(post('/job/a | u'), '2026-06-15T09:45:00.123456Z'), 'none'),
  ...wrapped('the old form', logger(post('/job/a | u'), '2026/01/20 - 09:34:35'), 'none'),
  ...wrapped('cut in the client', logger('').replace(/ \| $/, ''), 'cut'),
  ...wrapped('another method, cut', logger('GET     /job/a'), 'cut'),
  ...wrapped('another method', logger('GET     /health | oscar', '2026-06-14T10:00:00Z'), 'none'),
  ...wrapped('cut, old form', logger('', '2026/01/20 - 09:34:35').replace(/ \| $/, ''), 'cut'),
  // Told when requests are counted.
  ...wrapped('cut in the path', logger(post('/job/a')), 'none'),
  { name: 'another zone', line: logger(post('/job/a | u'), '2026-06-15T12:00:00+02:00'), suspicion: 'none' },
  { name: 'no such time', line: logger(post('/job/a | u'), '2026-13-45T10:00:00Z'), suspicion: 'time' },
  { name: 'no zone', line: logger(post('/job/a | u'), '2026-06-15T08:00:00'), suspicion: 'none' },
  {
    name: 'old form, another service',
    line: logger(post('/run/a | u | b | oscar-svc'), '2026/01/20 - 09:34:35'),
    suspicion: 'service',
  },
  { name: 'a longer path', line: logger(post('/job/mine/x | u | victim | oscar-svc')), suspicion: 'service' },
  { name: 'more separators', line: logger(post('/job/mine | a | u | victim | oscar-svc')), suspicion: 'service' },
  { name: 'a path of no service', line: logger(post('/job/A_b | u | victim | oscar-svc')), suspicion: 'none' },
  { name: 'a long name', line: logger(post(`/job/${'a'.repeat(64)} | u | victim | oscar-svc`)), suspicion: 'none' },
  { name: 'no service', line: logger(post('/job/a | u |  | oscar-svc')), suspicion: 'none' },
  { name: 'another namespace', line: logger(post('/job/a | u | victim | kube-system')), suspicion: 'none' },
  { name: 'a quoted path', line: logger('GET     /a"b | oscar'), suspicion: 'none' },
  { name: 'no time', line: '[GIN-EXECUTIONS-LOGGER] | POST ', suspicion: 'none' },
  {
    name: 'escaped slashes',
    line: JSON.stringify({ log: logger(post('/job/a | u | b | oscar-svc')) }).replaceAll('/', '\\/'),
    suspicion: 'service',
  },
  {
    name: "Gin's own",
    line: `[GIN] 2026/06/15 - 10:00:00 | 404 | 1ms | 192.0.2.7 | GET "/${logger('')}`,
    suspicion: 'none',
  },
];
