import fc from 'fast-check';

import { membershipClassifier } from './domain/membership';
import { declaredGapsOf } from './evidence/declaredGaps';
import { defaultCpuQuery } from './expr/promql';
import { defaultGpuQuery } from './expr/promqlGpu';
import { optionNames } from './optionsSchema';
import { defaultExposedSelector, settingsFrom } from './settings';

const gap = { from: '2026-10-25T06:00:00Z', to: '2026-10-26', source: 'request-logs', note: 'Loki was down' };

it('has a default for everything', () => {
  const settings = settingsFrom({});
  expect(settings.problem).toBeUndefined();
  expect(settings).toMatchObject({
    prometheusUid: undefined,
    servicesNamespace: 'oscar-svc',
    exposedSelector: defaultExposedSelector,
    membershipRules: undefined,
    roster: [],
    knownGaps: [],
    rejectedRequests: 'separate',
    users: 'full',
    usersSalt: '',
    smallestGroup: 0,
    settleDelayMinutes: 60,
    cacheMegabytes: 64,
    minimumCoveragePercent: 0,
    attributionThreshold: 95,
    unknownOptions: [],
  });
  expect(settingsFrom(undefined)).toEqual(settings);
  expect(settingsFrom(null)).toEqual(settings);
  // As a provisioning file with keys and no values gives them.
  expect(settingsFrom(Object.fromEntries(optionNames.map((name) => [name, null])))).toEqual(settings);
  // As environment variables without a value give them; an empty selector of exposed requests means that there are none.
  expect(settingsFrom(Object.fromEntries(optionNames.map((name) => [name, ' '])))).toEqual({
    ...settings,
    exposedSelector: '',
    recordsSelector: '',
    // A salt is taken as it stands.
    usersSalt: ' ',
    pseudonymKey: ' ',
  });
});

it.each<[Record<string, unknown>, Record<string, unknown>]>([
  [{ exposedSelector: ' ' }, { exposedSelector: '' }],
  [
    { cpuQuery: '', servicesNamespace: '  ' },
    { cpuQuery: defaultCpuQuery, servicesNamespace: 'oscar-svc' },
  ],
  // As a provisioning file may wrap it.
  [{ cpuQuery: defaultCpuQuery.replace(/ /g, '\n  ') }, { cpuQuery: defaultCpuQuery }],
  [{ gpuQuery: defaultGpuQuery.replace(/ by /g, '  by') }, { gpuQuery: defaultGpuQuery }],
  [{ cpuQuery: 'sum(x[ {{range}} ])' }, { cpuQuery: 'sum(x[ {{range}} ])' }],
  [
    { settleDelayMinutes: '90', cacheMegabytes: ' 128 ', minimumCoveragePercent: '99.5', attributionThreshold: '0' },
    { settleDelayMinutes: 90, cacheMegabytes: 128, minimumCoveragePercent: 99.5, attributionThreshold: 0 },
  ],
  [
    { settleDelayMinutes: '', cacheMegabytes: ' ' },
    { settleDelayMinutes: 60, cacheMegabytes: 64 },
  ],
  [{ rejectedRequests: '' }, { rejectedRequests: 'separate' }],
  [{ rejectedRequests: ' ' }, { rejectedRequests: 'separate' }],
  [{ roster: ['*@lab.org', '', 'a'] }, { roster: ['*@lab.org', 'a'] }],
  [{ membershipRules: [] }, { membershipRules: [] }],
  [
    { knownGaps: [gap, { ...gap, from: '2026-10-25', note: null }] },
    { knownGaps: [gap, { ...gap, from: '2026-10-25', note: '' }] },
  ],
  [{ rejectedRequests: 'count' }, { rejectedRequests: 'count' }],
  [{ smallestGroup: '5' }, { smallestGroup: 5 }],
  [
    { users: 'pseudonym', usersSalt: ' a b ' },
    { users: 'pseudonym', usersSalt: ' a b ' },
  ],
])('reads %j', (stored, expected) => {
  expect(settingsFrom(stored)).toMatchObject(expected);
  expect(settingsFrom(stored).problem).toBeUndefined();
});

it.each<[Record<string, unknown>, RegExp]>([
  [{ servicesNamespace: 5 }, /^option servicesNamespace must be a text, not 5$/],
  [{ prometheusUid: ['a'] }, /^option prometheusUid must be a text, not \["a"\]$/],
  [{ requestSelector: '{a="b"} |= "x"' }, /^option requestSelector: /],
  [{ requestSelector: true }, /^option requestSelector must be a text, not true$/],
  [{ exposedSelector: '{a}' }, /^option exposedSelector: /],
  [{ cpuQuery: '{{nope}}' }, /^option cpuQuery: .*nope/],
  [{ cpuQuery: 'sum(increase(x[30d])) / 3600' }, /^option cpuQuery: .*\{\{range\}\}/],
  [{ inventoryQuery: 3 }, /^option inventoryQuery must be a text/],
  [{ roster: 'alice@example.org' }, /^option roster must be a list of user ids, not "alice@example.org"$/],
  [{ roster: ['a', 123] }, /^option roster\[1\] must be a user id in quotation marks, not 123$/],
  [{ roster: { a: 1 } }, /^option roster must be a list/],
  [{ roster: ['a', 'b'.repeat(257)] }, /^option roster\[1\] must have at most 256 characters$/],
  [
    { membershipRules: { pattern: '.', membership: 'member' } },
    /^option membershipRules must be a list of \{pattern, membership\}, not/,
  ],
  [{ membershipRules: ['.'] }, /^option membershipRules\[0\] must be \{pattern, membership\}, not "\."$/],
  [
    { membershipRules: [{ pattern: '(', membership: 'member' }] },
    /^option membershipRules\[0\]\.pattern: Invalid regular expression/,
  ],
  [
    {
      membershipRules: [
        { pattern: '.', membership: 'member' },
        { pattern: '', membership: 'member' },
      ],
    },
    /^option membershipRules\[1\]\.pattern must not be empty: it would match everybody$/,
  ],
  [
    { membershipRules: [{ pattern: '^([\\w.]+)+@example\\.org$', membership: 'member' }] },
    /^option membershipRules\[0\]\.pattern must not repeat what is repeated already, as \(a\+\)\+ does/,
  ],
  [{ membershipRules: [{ pattern: '(a)\\1', membership: 'member' }] }, /\.pattern: back references/],
  [{ membershipRules: [{ pattern: '  ', membership: 'member' }] }, /\.pattern must not be empty/],
  [{ membershipRules: [{ patern: 'a', membership: 'member' }] }, /\.pattern is missing/],
  [
    { membershipRules: [{ membership: 'member' }] },
    /^option membershipRules\[0\]\.pattern is missing; an entry is \{pattern, membership\}$/,
  ],
  [
    { membershipRules: [{ pattern: null, membership: 'member' }] },
    /^option membershipRules\[0\]\.pattern must be a regular expression, not null$/,
  ],
  [
    { membershipRules: [{ pattern: 'a', membership: 'friend' }] },
    /^option membershipRules\[0\]\.membership: unknown membership "friend"; valid are: member, external, unknown$/,
  ],
  [{ membershipRules: [{ pattern: 'a' }] }, /^option membershipRules\[0\]\.membership is missing; an entry is/],
  [{ knownGaps: 'none' }, /^option knownGaps must be a list of \{from, to, source, note\}, not "none"$/],
  [{ knownGaps: gap }, /^option knownGaps must be a list/],
  [{ knownGaps: [gap, null] }, /^option knownGaps\[1\] must be \{from, to, source, note\}, not null$/],
  [
    { knownGaps: [gap, { ...gap, from: 'yesterday' }] },
    /^option knownGaps\[1\]\.from must be a time such as .*not "yesterday"$/,
  ],
  [{ knownGaps: [{ ...gap, from: '2026-10-25T06:00:00' }] }, /^option knownGaps\[0\]\.from must be a time/],
  [{ knownGaps: [{ ...gap, from: '2026-02-30' }] }, /^option knownGaps\[0\]\.from must be a time/],
  [{ knownGaps: [{ ...gap, to: 7 }] }, /^option knownGaps\[0\]\.to must be a time .*not 7$/],
  [
    { knownGaps: [{ from: '2026-01-01' }] },
    /^option knownGaps\[0\]\.to is missing; an entry is \{from, to, source, note\}$/,
  ],
  [{ knownGaps: [{ ...gap, to: '2026-10-24' }] }, /^option knownGaps\[0\]\.to must not be before \.from/],
  [
    { knownGaps: [{ ...gap, source: 'loki' }] },
    /^option knownGaps\[0\]\.source: unknown source "loki"; valid are: .*request-logs/,
  ],
  [{ knownGaps: [{ ...gap, note: 1 }] }, /^option knownGaps\[0\]\.note must be a text, not 1$/],
  [{ users: 'anonymous' }, /^option users: unknown value "anonymous"; valid are: full, pseudonym, hidden$/],
  [{ smallestGroup: -1 }, /^option smallestGroup must be a number from 0 to/],
  [{ smallestGroup: 2.5 }, /^option smallestGroup must be a whole number$/],
  [{ usersSalt: 5 }, /^option usersSalt must be a text, not 5$/],
  [{ rejectedRequests: 'drop' }, /^option rejectedRequests: unknown value "drop"; valid are: separate, count$/],
  [{ settleDelayMinutes: 'an hour' }, /^option settleDelayMinutes must be a number from 0 to 10080$/],
  [{ settleDelayMinutes: -1 }, /^option settleDelayMinutes must be a number/],
  [{ cacheMegabytes: 0 }, /^option cacheMegabytes must be a number from 1 to 1024$/],
  [{ attributionThreshold: 100.5 }, /^option attributionThreshold must be a number from 0 to 100$/],
  [{ attributionThreshold: 'most' }, /^option attributionThreshold must be a number from 0 to 100$/],
  [{ minimumCoveragePercent: 101 }, /^option minimumCoveragePercent must be a number from 0 to 100$/],
  [{ minimumCoveragePercent: true }, /^option minimumCoveragePercent must be a number/],
])('says what is wrong with %j', (stored, problem) => {
  expect(settingsFrom(stored).problem).toMatch(problem);
});

it('says all that is wrong', () => {
  expect(settingsFrom({ roster: 'a', lokiUid: 5 }).problem).toMatch(/option lokiUid .*; option roster /);
  expect(settingsFrom('a text').problem).toMatch(/options must be an object/);
  expect(settingsFrom([]).problem).toMatch(/options must be an object/);
});

it('names keys that are no options, but none of Grafana', () => {
  const stored = {
    pdcInjected: true,
    oauthPassThru: false,
    enableSecureSocksProxy: true,
    httpHeaderName1: 'X',
    tlsSkipVerify: true,
    rooster: ['a'],
    knownGaps: [{ ...gap, until: '2026' }],
    membershipRules: [{ pattern: '.', membership: 'member', note: 'x' }],
  };
  expect(settingsFrom(stored)).toMatchObject({
    unknownOptions: ['rooster', 'knownGaps[0].until', 'membershipRules[0].note'],
  });
  expect(settingsFrom(stored).problem).toBeUndefined();
});

it('never throws, and gives settings that can be used, whatever is stored', () => {
  const stored = fc.oneof(
    fc.anything(),
    fc.dictionary(fc.constantFrom(...optionNames), fc.anything()),
    fc.record({ roster: fc.array(fc.string()), knownGaps: fc.array(fc.anything()) })
  );
  fc.assert(
    fc.property(stored, (options) => {
      const settings = settingsFrom(options);
      membershipClassifier(settings.roster, settings.membershipRules)('someone', ['']);
      declaredGapsOf(settings.knownGaps);
      expect(settings.settleDelayMinutes).toBeGreaterThanOrEqual(0);
      expect(settings.cacheMegabytes).toBeGreaterThanOrEqual(1);
      expect(typeof settings.servicesNamespace).toBe('string');
    })
  );
});
