import fc from 'fast-check';

import { type Facts } from '../core/reports/report';
import { KeyCounts } from '../core/requests/keyCounts';
import { KeyTable, type RequestKey } from '../core/requests/keyTable';

/** A key with its number of requests. */
export type CountedKey = RequestKey & { count: number };

/** Facts whose requests are a plain list. */
export type PlainFacts = Omit<Facts, 'requests' | 'exposed'> & Record<'requests' | 'exposed', CountedKey[] | null>;

/** The same as the product counts it. The table knows other keys too, as that of a longer range does. */
export function keyCountsOf(list: readonly CountedKey[]): KeyCounts {
  const table = new KeyTable(() => undefined, 'auth_method');
  table.intern({
    type: 'sync',
    service: 'elsewhere',
    user: 'nobody',
    country: 'FR',
    auth: 'basic',
    outcome: 'succeeded',
  });
  const span = { start: 0, end: 1 };
  const cells = list.map(({ count, ...key }) => ({
    ...span,
    ids: Uint32Array.of(table.intern(key)),
    counts: Uint32Array.of(count),
    unparsed: 0,
  }));
  return KeyCounts.ofCells(table, cells, span);
}

export function factsOf(plain: PlainFacts): Facts {
  const { requests, exposed } = plain;
  return { ...plain, requests: requests && keyCountsOf(requests), exposed: exposed && keyCountsOf(exposed) };
}

type Outcomes = ReadonlyArray<CountedKey['outcome']>;

const key = (types: ReadonlyArray<CountedKey['type']>, outcomes: Outcomes): fc.Arbitrary<CountedKey> =>
  fc.record({
    type: fc.constantFrom(...types),
    service: fc.constantFrom('a', 'b', 'c', '(invalid)'),
    user: fc.constantFrom('u1', 'u2', 'oscar', '(none)'),
    country: fc.constantFrom('ES', 'US', 'unknown'),
    auth: fc.constantFrom('', 'oidc'),
    outcome: fc.constantFrom(...outcomes),
    count: fc.integer({ min: 1, max: 50 }),
  });

const nameOf = ({ type, service, user, country, auth, outcome }: CountedKey) =>
  [type, service, user, country, auth, outcome].join(' ');
const keys = (types: ReadonlyArray<CountedKey['type']>, outcomes: Outcomes) =>
  fc.uniqueArray(key(types, outcomes), { selector: nameOf, maxLength: 20 });
const hours = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'd', '(unattributed)'), fc.double({ min: 0, max: 9, noNaN: true })), {
    selector: ([service]) => service,
  })
  .map((list) => new Map(list));

const sumOf = (list: readonly CountedKey[] | null) => (list ?? []).reduce((sum, { count }) => sum + count, 0);
const rejectedOf = (list: readonly CountedKey[] | null) => (list ?? []).filter(({ outcome }) => outcome === 'rejected');

/** Facts of one day, with rejected requests counted like others or apart. */
const factsWhere = (countsRejected: boolean): fc.Arbitrary<PlainFacts> => {
  const outcomes: Outcomes = countsRejected ? ['succeeded', 'failed', 'rejected'] : ['succeeded', 'failed'];
  return fc
    .record({
      span: fc.constant({ start: 0, end: 86_400_000 }),
      requests: fc.option(keys(['sync', 'async'], outcomes)),
      exposed: fc.option(keys(['exposed'], outcomes).map((list) => list.map((one) => ({ ...one, user: '' })))),
      rejected: fc.nat({ max: 9 }),
      countsRejected: fc.constant(countsRejected),
      usersAreKnown: fc.constant(true),
      hasCountries: fc.boolean(),
      cpu: fc.option(hours),
      gpu: fc.option(hours),
      gpuKinds: fc.option(fc.record({ active: hours, allocated: hours })),
      deployed: fc.option(fc.subarray(['a', 'b', 'z'])),
      seen: fc.constant(null),
      usedCpu: fc.constant(null),
      states: fc.constant([]),
    })
    .map((plain) => {
      const counted = sumOf(rejectedOf(plain.requests)) + sumOf(rejectedOf(plain.exposed));
      return { ...plain, rejected: plain.requests && (countsRejected ? counted : plain.rejected) };
    });
};

/** Facts of one day, each source of which may have delivered nothing. */
export const facts: fc.Arbitrary<PlainFacts> = fc.boolean().chain(factsWhere);

/** Facts without anything, as of a range that nobody could read. */
export const noFacts: PlainFacts = {
  span: { start: 0, end: 86_400_000 },
  requests: null,
  exposed: null,
  rejected: null,
  countsRejected: false,
  usersAreKnown: true,
  hasCountries: false,
  cpu: null,
  gpu: null,
  gpuKinds: null,
  deployed: null,
  seen: null,
  usedCpu: null,
  states: [],
};

/** A key for each single request, so that a test may count in the plainest way. */
export function oneByOne(list: readonly CountedKey[]): CountedKey[] {
  return list.flatMap((one) => Array.from({ length: one.count }, () => ({ ...one, count: 1 })));
}
