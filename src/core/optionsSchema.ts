import * as v from 'valibot';

import { memberships } from './domain/membership';
import { patternProblem } from './domain/pattern';
import { sourceNames } from './domain/sources';
import { maxUserCharacters } from './domain/users';
import { userModes } from './domain/userTexts';
import { timeOf } from './evidence/declaredGaps';
import { selectorProblem } from './expr/logql';
import { defaultCpuQuery, defaultInventoryQuery, expandTemplate } from './expr/promql';
import { defaultGpuQuery } from './expr/promqlGpu';
import { isSameQuery } from './expr/promqlText';
import { keyIn } from './records/key';

export const defaultRequestSelector = '{namespace="oscar", app="oscar"}';
export const defaultRecordsSelector = '{job="oscar-usage-records"}';
export const defaultExposedSelector = '{namespace=~"ingress-nginx|traefik", app=~"ingress-nginx|traefik"}';

const rejectedModes = ['separate', 'count'] as const;

/** A value in a message, on one line and not at any length. */
function shown(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
  } catch {
    return typeof value;
  }
}

type Failed = v.BaseIssue<unknown>;

const mustBe = (what: string) => (issue: Failed) => ` must be ${what}, not ${shown(issue.input)}`;

/** Of an object of these keys: of its own form, or of a key that is not there. */
const objectOf = (keys: string) => (issue: Failed) =>
  issue.expected === 'Object' ? mustBe(`{${keys}}`)(issue) : ` is missing; an entry is {${keys}}`;

/** A requirement that says itself what is wrong; undefined when nothing is. Messages continue the name of the option. */
function requires<T>(problem: (value: T) => string | undefined) {
  return v.check<T, (issue: { input: T }) => string>(
    (value) => problem(value) === undefined,
    ({ input }) => problem(input) ?? ''
  );
}

const colon = (problem: string | undefined) => problem && `: ${problem}`;

/** Reads an empty text, as a provisioning file without a value gives it, and null like an absent option. */
function orAbsent<const T extends v.GenericSchema>(schema: T) {
  return v.pipe(
    v.unknown(),
    v.transform((given) => (given === null || (typeof given === 'string' && given.trim() === '') ? undefined : given)),
    schema
  );
}

/** A text without blanks around it; an empty or absent one is the fallback. */
function text<const T extends string | undefined>(fallback: T) {
  return v.pipe(
    v.nullish(v.string(mustBe('a text')), ''),
    v.transform((given) => given.trim() || fallback)
  );
}

/** A number, or a text that is one, as environment variables give it; an empty or absent one is the fallback. */
function numberBetween(low: number, high: number, fallback: number) {
  const message = ` must be a number from ${low} to ${high}`;
  return orAbsent(
    v.pipe(
      v.unknown(),
      v.transform((given) => {
        if (given === undefined) {
          return fallback;
        }
        return typeof given === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(given) ? Number(given) : given;
      }),
      v.number(message),
      v.minValue(low, message),
      v.maxValue(high, message)
    )
  );
}

function oneOf<const T extends readonly string[]>(valid: T, what: string) {
  return v.picklist(valid, ({ input }) => `: unknown ${what} ${shown(input)}; valid are: ${valid.join(', ')}`);
}

const selector = requires((given: string) => colon(selectorProblem(given)));

const template = requires((given: string) => {
  try {
    expandTemplate(given, { servicesNamespace: '', windowMs: 1 });
    return undefined;
  } catch (error) {
    return `: ${(error as Error).message}`;
  }
});

/**
 * A query template whose default stands for the plugin's own measure. Absent, or equal to that default but for white space,
 * as a provisioning file may wrap it, it is the default itself; any other text is used as it is.
 */
function queryOr(own: string) {
  return v.pipe(
    text(own),
    v.transform((given) => (isSameQuery(given, own) ? own : given)),
    template
  );
}

/** Hours are asked for window by window, so that a template without its window would count them again and again. */
const window = requires((given: string) =>
  /\{\{\s*range\s*\}\}/.test(given) ? undefined : ': the query template must contain {{range}}'
);

const userId = v.pipe(
  v.string(mustBe('a user id in quotation marks')),
  requires((id) => (id.length > maxUserCharacters ? ` must have at most ${maxUserCharacters} characters` : undefined))
);

const roster = v.pipe(
  v.array(userId, mustBe('a list of user ids')),
  v.transform((ids) => ids.filter((id) => id.trim() !== ''))
);

const rule = v.object(
  {
    pattern: v.pipe(v.string(mustBe('a regular expression')), requires(patternProblem)),
    membership: oneOf(memberships, 'membership'),
  },
  objectOf('pattern, membership')
);

const time = requires((given: unknown) =>
  timeOf(given) === undefined
    ? ` must be a time such as 2026-10-05T08:00:00Z or a date such as 2026-10-05, not ${shown(given)}`
    : undefined
);
const timeText = v.pipe(v.unknown(), time, v.string());

const gap = v.pipe(
  v.object(
    {
      from: timeText,
      to: timeText,
      source: oneOf(sourceNames, 'source'),
      note: v.nullish(v.string(mustBe('a text')), ''),
    },
    objectOf('from, to, source, note')
  ),
  requires(({ from, to }) =>
    (timeOf(to) ?? 0) < (timeOf(from) ?? 0) ? `.to must not be before .from (${to} is before ${from})` : undefined
  )
);

/** How each option is read, whatever is stored: its value with the default filled in, or what is wrong with it. */
export const optionSchemas = {
  prometheusUid: text(undefined),
  lokiUid: text(undefined),
  servicesNamespace: text('oscar-svc'),
  requestSelector: v.pipe(text(defaultRequestSelector), selector),
  /** Empty means that exposed requests are not collected; absent, the default. */
  exposedSelector: v.pipe(
    v.nullish(v.string(mustBe('a text')), defaultExposedSelector),
    v.trim(),
    requires((given) => (given === '' ? undefined : colon(selectorProblem(given))))
  ),
  cpuQuery: v.pipe(queryOr(defaultCpuQuery), window),
  gpuQuery: v.pipe(queryOr(defaultGpuQuery), window),
  inventoryQuery: queryOr(defaultInventoryQuery),
  membershipRules: orAbsent(v.optional(v.array(rule, mustBe('a list of {pattern, membership}')))),
  roster: orAbsent(v.optional(roster, [])),
  knownGaps: orAbsent(v.optional(v.array(gap, mustBe('a list of {from, to, source, note}')), [])),
  rejectedRequests: orAbsent(v.optional(oneOf(rejectedModes, 'value'), rejectedModes[0])),
  users: orAbsent(v.optional(oneOf(userModes, 'value'), userModes[0])),
  /** As it stands, blanks and all: it is part of a key. */
  usersSalt: v.nullish(v.string(mustBe('a text')), ''),
  /** Empty means that usage records are not used; absent, the default. */
  recordsSelector: v.pipe(
    v.nullish(v.string(mustBe('a text')), defaultRecordsSelector),
    v.trim(),
    requires((given) => (given === '' ? undefined : colon(selectorProblem(given))))
  ),
  /** With it, only usage records that are signed with the key that belongs to it count. */
  recordsPublicKey: v.pipe(
    v.nullish(v.string(mustBe('a text')), ''),
    v.trim(),
    requires((given) =>
      given === '' || keyIn(given)
        ? undefined
        : ' must be 32 bytes in base64, as "oscar-usage record --public-key" writes it'
    )
  ),
  /** 0 is off. */
  smallestGroup: v.pipe(numberBetween(0, 1_000_000, 0), v.integer(' must be a whole number')),
  /** Minutes after which a line can no longer arrive late. */
  settleDelayMinutes: numberBetween(0, 7 * 24 * 60, 60),
  /** Memory for everything that is kept in the browser, in MiB. */
  cacheMegabytes: numberBetween(1, 1024, 64),
  /** Percent of requests with a known country below which countries are partial. */
  attributionThreshold: numberBetween(0, 100, 95),
  /** Figures whose sources cover less are left empty; 0 is off. */
  minimumCoveragePercent: numberBetween(0, 100, 0),
};

export type OptionName = keyof typeof optionSchemas;

export const optionNames = Object.keys(optionSchemas) as OptionName[];

/** Keys of the entries of lists. */
const entryKeys: Readonly<Partial<Record<string, readonly string[]>>> = {
  membershipRules: Object.keys(rule.entries),
  knownGaps: ['from', 'to', 'source', 'note'],
};

/** What Grafana itself and its ways of provisioning store beside a plugin's own options. */
const keysOfGrafana =
  /^(?:pdcInjected|enableSecureSocksProxy|secureSocksProxyUsername|oauthPassThru|keepCookies|timeout|serverName|tls[A-Z]\w*|httpHeaderName\d+|httpMode|authType|authenticationMethod|defaultRegion|profile|manageAlerts|allowAsRecordingRulesTarget|alertmanagerUid|disableGrafanaCache|defaultDatasource|directUrl|sigV4\w*|azure\w*|teamHttpHeaders|forwardGrafanaUserHeader|apiVersion)$/;

/** Keys that nothing here knows, such as one with a slip in it: `rooster`, `knownGaps[0].until`. */
export function unknownOptions(stored: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(stored).flatMap(([key, value]) => {
    if (!optionNames.some((name) => name === key)) {
      return keysOfGrafana.test(key) ? [] : [key];
    }
    const known = entryKeys[key];
    return known && Array.isArray(value)
      ? value.flatMap((entry: unknown, index) =>
          Object.keys(typeof entry === 'object' && entry !== null ? entry : {})
            .filter((name) => !known.includes(name))
            .map((name) => `${key}[${index}].${name}`)
        )
      : [];
  });
}

/** `[0].pattern` for the first one of a list. */
export function pathText(issue: Failed): string {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
}
