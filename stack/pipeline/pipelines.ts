// What is done with log lines on their way to Loki, by the same expressions that read them there.
import { nginxMessageLine } from '../../src/core/domain/exposedLine';
import { defaultMembershipRules } from '../../src/core/domain/membership';
import { collectorPatterns, executionsLogger, loggerPattern } from '../../src/core/domain/requestLine';
import {
  accessLogPattern,
  authLabel,
  exposedMentions,
  ingressCallPattern,
  quoteLogql,
} from '../../src/core/expr/logql';
import { escapeRegex } from '../../src/core/expr/regex';
import type { Pipeline, Stage, Template } from './stages';

export interface PipelineOptions {
  /** Start of the names of the services' namespaces. */
  servicesNamespace: string;
  /** Whether users and addresses are replaced by hashes. */
  isPrivate: boolean;
}

/** What stands for a line about another application. */
export const signOfLife = '(another line)';

const lifeLabel = 'sign_of_life';
const addressLabel = 'caller_address';
const countryLabel = 'geoip_country_code';

/**
 * RE2 source of lines in the first 20 seconds of each five minutes, by the time that the container runtime writes in front of a line:
 * the same lines whenever they are read. A probe every 15 s leaves one at least.
 */
const lifePattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:(?P<${lifeLabel}>[0-9][05]:[01])[0-9]`;

/** RE2 source of Gin's own line about a probe. */
const probePattern = '^\\[GIN\\] [-/0-9: ]+\\|[^"\\[]*GET +"/health"';

/** The same in a line of the executions logger. */
const loggedProbe = ' GET +/health +\\| ';

/** Turns an entry of the container runtime into a line of the program. */
const opening: readonly Stage[] = [{ regex: { expression: lifePattern } }, { cri: {} }, { labels: [lifeLabel] }];

const closing: Stage = { label_drop: [lifeLabel, 'filename', 'stream'] };

const lookUpCountry = (expression: string): readonly Stage[] => [
  { regex: { expression } },
  { geoip: { source: addressLabel } },
  { structured_metadata: [countryLabel] },
];

/** Templates of hashes with the secret salt; what is empty stays empty. */
const hash: Template = ['{{ if .Value }}{{ Sha2Hash "', '" .Value }}{{ end }}'];
const hashOfUser = (readable: readonly string[]): Template => [
  `{{ if or (eq .Value "") (has .Value (list ${readable.map((name) => `"${name}"`).join(' ')})) }}{{ .Value }}` +
    '{{ else }}user-{{ Sha2Hash "',
  '" .Value }}{{ end }}',
];

/**
 * Lines of the manager's executions logger, except those about other methods, and a probe every five minutes. Lines of an unknown form
 * stay, so that reports flag them, and cut lines, which are the trace of forged ones.
 */
export function managerPipeline({ servicesNamespace, isPrivate }: PipelineOptions): Pipeline {
  const patterns = collectorPatterns(escapeRegex(servicesNamespace));
  const selector = '{app="oscar"}';
  const logger = quoteLogql(executionsLogger);
  const drop = (filters: string, reason: string): Stage => ({ drop: { selector: filters, reason } });
  return {
    name: 'manager',
    pods: { namespace: 'oscar', label: 'app', app: 'oscar' },
    stages: [
      ...opening,
      drop(`{app="oscar", ${lifeLabel}=""} != ${logger}`, 'no_request'),
      drop(`${selector} != ${logger} !~ ${quoteLogql(probePattern)}`, 'no_request'),
      drop(`${selector} |= ${logger} |~ ${quoteLogql(accessLogPattern)}`, 'no_request'),
      drop(`{app="oscar", ${lifeLabel}=""} |~ ${quoteLogql(patterns.otherMethod)}`, 'other_method'),
      drop(`${selector} |~ ${quoteLogql(patterns.otherMethod)} !~ ${quoteLogql(loggedProbe)}`, 'other_method'),
      closing,
      ...lookUpCountry(patterns.address),
      ...(isPrivate ? privateManager(selector, patterns) : []),
    ],
  };
}

/** Names in the place of a user that are no person's, which stay readable. */
const readableUsers = ['nil', 'oscar', 'minio', 'console', 'rustfs', 'rustfsadmin'];

/**
 * Replaces users and addresses by hashes. How the caller signed in is told by the id, which a hash does not show: the label says it.
 * Of lines of an unknown form, nothing that a caller may have written stays.
 */
function privateManager(selector: string, { user, address, cut }: ReturnType<typeof collectorPatterns>): Stage[] {
  const members = defaultMembershipRules.filter(({ membership }) => membership === 'member');
  const isMember = members.map(({ pattern }) => `(regexMatch ${JSON.stringify(pattern)} $user)`).join(' ');
  const hidden = (expression: string): Stage => ({
    replace: { expression, replace: [' (hidden){{ if contains "POST" .Value }} POST{{ end }}'] },
  });
  const unknown = `${selector} |= ${quoteLogql(executionsLogger)} !~ ${quoteLogql(`${user}|${cut}`)}`;
  return [
    { regex: { expression: user } },
    {
      template: {
        source: authLabel,
        template: `{{ $user := or .caller .caller_last "" }}{{ if eq $user "nil" }}service_token{{ else if or ${isMember} }}oidc{{ end }}`,
      },
    },
    { structured_metadata: [authLabel] },
    {
      match: {
        selector: unknown,
        stages: [
          hidden(`(?s)${loggerPattern}(.*)$`),
          hidden(`(?s)^(?:[^\\[]|\\[[^G])*\\[${executionsLogger}\\]([^ ].*| [^0-9].*)$`),
        ],
      },
    },
    { replace: { expression: user, replace: hashOfUser(readableUsers) } },
    { replace: { expression: address, replace: hash } },
  ];
}

/** RE2 source of calls of the manager, with which its own lines are compared. */
const callPattern = `POST.*${ingressCallPattern}|${ingressCallPattern}.*POST`;

/**
 * RE2 source that captures the query of a request. Traefik's common log format does not escape the quotes of a path, so that the last
 * version of HTTP is the true one (src/core/domain/exposedLine.ts).
 */
const requestQuery = '^[^"{]*"[-A-Z]+ [^ "?]*(\\?[^\\n]*) HTTP/[.0-9]+" [0-9]{3} ';

/** The same of the values of a JSON object, whose quotes are escaped. */
const memberQuery = '" *: *"[^"?\\\\]*(\\?(?:[^"\\\\]|\\\\.)*)"';

/** RE2 source that captures what is left of queries, such as those of referrers. */
const anyQuery = '(\\?[^"\\s\\\\]*)';

const ipAddress = '(?:[0-9]{1,3}\\.){3}[0-9]{1,3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+';

/** RE2 source that captures the client's address. Quotes of clients are escaped, so that no text of theirs is a member. */
const clientAddress = `(?:^|"(?:ClientHost|remote_addr)" *: *")(?P<${addressLabel}>${ipAddress})(?: - |")`;

/** RE2 sources that capture what names a client: address, with or without its port, and user. */
const clientNames = [
  `^(${ipAddress}) - (?:-|([^ ]+)) `,
  '"(?:Client(?:Addr|Host|Username)|remote_(?:addr|user))" *: *"(?:-"|((?:[^"\\\\]|\\\\.)*)")',
];

/**
 * Lines that may be requests to exposed services or calls of the manager, without their queries, which may hold tokens. Of other lines
 * one now and then stays, without its text.
 */
export function ingressPipeline({ servicesNamespace, isPrivate }: PipelineOptions): Pipeline {
  const matchers = 'app=~"ingress-nginx|traefik"';
  const others = [
    ...exposedMentions(escapeRegex(servicesNamespace)).map(
      (mention) => `!~ ${quoteLogql(`${mention}|${callPattern}`)}`
    ),
    `|~ ${quoteLogql(nginxMessageLine)}`,
  ];
  const replace = (expression: string, template: Template): Stage => ({ replace: { expression, replace: template } });
  return {
    name: 'ingress',
    pods: { namespace: 'ingress-nginx|traefik', label: 'app.kubernetes.io/name', app: 'ingress-nginx|traefik' },
    stages: [
      ...opening,
      ...others.map((filter): Stage => ({
        drop: { selector: `{${matchers}, ${lifeLabel}=""} ${filter}`, reason: 'no_request' },
      })),
      ...others.map((filter): Stage => ({
        match: { selector: `{${matchers}} ${filter}`, stages: [replace('(?s)^(.*)$', [signOfLife])] },
      })),
      closing,
      replace(requestQuery, ['']),
      replace(memberQuery, ['']),
      replace(anyQuery, ['']),
      ...lookUpCountry(clientAddress),
      ...(isPrivate ? clientNames.map((expression) => replace(expression, hash)) : []),
    ],
  };
}
