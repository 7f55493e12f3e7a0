// Lines that others than OSCAR wrote: a line feed, or separators, in what a caller sends and OSCAR logs as it is.
import { hourMs } from '../../src/core/domain/duration';
import {
  type Attack,
  type AttackDay,
  instants,
  type Line,
  managerLine,
  managerText,
  nobody,
  ownUser,
  partsAt,
  stampOf,
} from './attack';

/** A whole line for a service, user and country of the attacker's choice. */
function forgedText({ victim }: AttackDay, time: number): string {
  return managerText({ time, address: '198.51.100.8', path: `/job/${victim.service}`, user: victim.user });
}

/** `POST /job/x%0A[GIN-EXECUTIONS-LOGGER]…`, without a token: the head has no user, the tail may have OSCAR's. */
export const forgedLines: Attack = {
  name: 'forged-lines',
  about: 'anybody puts a line feed into a path, followed by complete lines',
  lines(day) {
    const { scale, victim } = day;
    const hostile: Line[] = [];
    const truth: Line[] = [];
    const claimed: Line[] = [];
    for (const time of instants(day, 3 * scale)) {
      const head = managerText({ time, status: 404, path: '/job/x' }).replace(/ \| [^|]*$/, '');
      const forged = Array.from({ length: 40 }, () => forgedText(day, time));
      const last = managerText({ time, path: `/job/${victim.service}`, user: nobody });
      hostile.push(...partsAt(time, [head, ...forged, last], { log: 'manager', country: victim.country }));
      truth.push(managerLine({ time, status: 404, path: '/job/x', user: nobody }));
      claimed.push(...partsAt(time, [...forged, last], { log: 'manager', country: victim.country }));
    }
    return { hostile, truth, claimed, isFlagged: true, note: /cut short/ };
  },
};

/** The client address of a storage event, which the body of an asynchronous call names. */
export const forgedClients: Attack = {
  name: 'forged-clients',
  about: 'a token holder puts a line feed into the client address of a storage event',
  lines(day) {
    const { scale, victim } = day;
    const hostile: Line[] = [];
    const truth: Line[] = [];
    for (const time of instants(day, 3 * scale)) {
      const real = managerText({ time, address: '203.0.113.7', user: ownUser });
      const head = real.slice(0, real.indexOf('203.0.113.7') + '203.0.113.7'.length);
      const rest = real.slice(head.length);
      const texts = [head, ...Array.from({ length: 20 }, () => forgedText(day, time)), `x${rest}`];
      hostile.push(...partsAt(time, texts, { log: 'manager', country: victim.country }));
      truth.push(managerLine({ time }));
    }
    return { hostile, truth, isFlagged: true, note: /cut short/ };
  },
};

/** The user of a storage event: the head looks whole. */
export const forgedEvents: Attack = {
  name: 'forged-events',
  about: 'a token holder puts a line feed into the user of a storage event, followed by complete lines',
  lines(day) {
    const { scale, victim } = day;
    const truth: Line[] = [];
    const hostile: Line[] = [];
    for (const time of instants(day, 4 * scale)) {
      const texts = [managerText({ time }), ...Array.from({ length: 25 }, () => forgedText(day, time))];
      hostile.push(...partsAt(time, texts, { log: 'manager', country: victim.country }));
      truth.push(managerLine({ time, country: victim.country }));
    }
    // The claim is what the log says: the forged lines as they stand, one in a stream and time of its own.
    return { hostile, truth, claimed: hostile };
  },
};

/** A user who names a service and a namespace, so that the line has eight fields. */
export const eightFields: Attack = {
  name: 'eight-fields',
  about: "a token holder names somebody else's service in the user of a storage event",
  lines(day) {
    const calls = instants(day, 30 * day.scale).map((time) => ({ time, country: day.victim.country }));
    const user = `${ownUser} | ${day.victim.service} | oscar-svc`;
    return {
      hostile: calls.map((call) => managerLine({ ...call, user })),
      truth: calls.map((call) => managerLine(call)),
      isFlagged: true,
      note: /with a service that differs from the path/,
    };
  },
};

/** Separators in user and client: the fields behind them are the caller's. */
export const separators: Attack = {
  name: 'separators',
  about: 'a token holder writes separators into user and client of a storage event',
  lines(day) {
    const calls = instants(day, 20 * day.scale).map((time, index) => ({
      time,
      ...(index % 2 === 0
        ? { user: `${ownUser} | ${day.victim.user}`, names: day.victim.user }
        : { address: `198.51.100.8 | POST    /job/${day.victim.service} | x`, names: ownUser }),
    }));
    return {
      hostile: calls.map((call) => managerLine(call)),
      truth: calls.map(({ time }) => managerLine({ time })),
      // A path with blanks is the name of no service.
      claimed: calls.map(({ time, names }) => managerLine({ time, path: '/job/_', user: names })),
    };
  },
};

/** Texts with the logger's name that are no lines of the logger. */
export const foreignTexts: Attack = {
  name: 'foreign-texts',
  about: "anybody gets texts with the logger's name logged, by the web framework or by a line feed",
  lines(day) {
    const { random, scale, victim } = day;
    const kinds: Array<(time: number) => string> = [
      () => '[GIN-EXECUTIONS-LOGGER] | POST ',
      () => `[GIN-EXECUTIONS-LOGGER] | POST    /job/${victim.service} | ${victim.user}`,
      (time) =>
        `[GIN] ${stampOf(time)} | 404 | 1ms | 203.0.113.7 | POST     "/job/[GIN-EXECUTIONS-LOGGER] | POST    /job/x | y"`,
      () => `level=error msg="no such service: [GIN-EXECUTIONS-LOGGER] POST /job/${victim.service}"`,
    ];
    const hostile = instants(day, 60 * scale).map((time): Line => {
      return { time, log: 'manager', text: random.pick(kinds)(time) };
    });
    return { hostile, truth: [] };
  },
};

/** Lines with the logger's name and time in a form that nobody knows. */
export const unknownForms: Attack = {
  name: 'unknown-forms',
  about: "anybody writes lines with the logger's name and time, but in a format that it does not use",
  lines(day) {
    const hostile = instants(day, 60 * day.scale).map((time): Line => {
      const text = `[GIN-EXECUTIONS-LOGGER] ${stampOf(time)} POST /job/${day.victim.service} by <b>${day.victim.user}</b>`;
      return { time, log: 'manager', text };
    });
    return { hostile, truth: [], isFlagged: true, note: /in an unknown format: at most/ };
  },
};

/** Lines of another day, as they were. */
export const replayedLines: Attack = {
  name: 'replayed-lines',
  about: 'somebody gets lines from an hour ago logged again',
  lines(day) {
    const hostile = instants(day, 30 * day.scale).map((time): Line => {
      return { ...managerLine({ time, country: day.victim.country }), text: forgedText(day, time - hourMs) };
    });
    return { hostile, truth: [], isFlagged: true, note: /more than 15 minutes from that of the log entry/ };
  },
};
