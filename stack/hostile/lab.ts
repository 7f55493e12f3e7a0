import { lastValueFrom } from 'rxjs';

import { askTogether } from '../core/asking';
import { type Core } from '../core/openCore';
import { type Line, ownUser } from './attack';
import { type Assault } from './attacks';
import { addVerdict, emptyVerdict, honestPart, judge, judgeTotals, manners, type Totals, type Verdict } from './judge';
import { hostileTargets, isFormula, type Reading, readingsOf, renamed, type UserMode } from './readings';
import { selectorsOf, type View } from './worlds';

export interface Outcome extends Verdict {
  /** Most requests to Loki for all reports once. */
  requests: number;
}

export interface Lab {
  run(assault: Assault, modes: readonly UserMode[]): Promise<Outcome>;
}

interface LabOptions {
  /** In ms since the epoch, the end exclusive. */
  from: number;
  to: number;
  /** Requests of the honest lines. */
  totals: Totals;
}

/** Asks for every report of an assault, and judges the answers. `single`: the assaults that the store has lines of. */
export function createLab(core: Core, single: readonly Assault[], { totals, ...range }: LabOptions): Lab {
  const targets = hostileTargets();
  const honest = new Map<UserMode, Promise<Reading[]>>();
  const ask = async (parts: readonly string[], view: View, users: UserMode): Promise<Reading[]> => {
    const session = core.open({ ...selectorsOf(parts, view, single), users });
    return readingsOf(targets, await lastValueFrom(askTogether(session, targets, range)));
  };
  const honestReadings = (users: UserMode): Promise<Reading[]> => {
    const known = honest.get(users) ?? ask([], 'truth', users);
    honest.set(users, known);
    return known;
  };

  async function runMode(assault: Assault, users: UserMode): Promise<Outcome> {
    const { parts, aliases = [], note, isFlagged = false } = assault;
    const verdict = emptyVerdict();
    core.log.reset();
    const actual = await ask(parts, 'hostile', users);
    const requests = core.log.requests.filter(({ engine }) => engine === 'loki').length;
    const truth = await ask(parts, 'truth', users);
    const claimed = assault.claimed && (await ask(parts, 'claimed', users));
    const plain = await honestReadings(users);
    addVerdict(verdict, judgeTotals(plain[0] as Reading, totals));
    addVerdict(verdict, judgeTotals(truth[0] as Reading, sumOf(totals, assault.truth)));
    const secrets = [
      ownUser,
      ...aliases.map(([sent]) => JSON.stringify(sent).slice(1, -1)),
      '203.0.113.',
      '198.51.100.',
    ];
    actual.forEach((reading, index) => {
      const usual = plain[index] as Reading;
      const expected = renamed(truth[index] as Reading, users, aliases);
      const claim = claimed && renamed(claimed[index] as Reading, users, aliases);
      addVerdict(verdict, judge(reading, { truth: expected, claimed: claim, usual }));
      addVerdict(verdict, manners(reading, isFormula, secrets));
      const { queryType, groupBy, limit, format } = reading.target;
      const isNamed = ['metric', 'services'].includes(queryType) || groupBy === 'service' || groupBy === 'user';
      if (isNamed && limit === undefined && format !== 'timeseries') {
        const part = honestPart(usual, reading);
        const found = judge(part.actual, { truth: part.honest, claimed: claim, usual });
        addVerdict(verdict, { ...found, wrong: found.wrong.map((problem) => `honest traffic: ${problem}`) });
      }
    });
    const logs = actual.flatMap(({ sources }) => sources).find(({ source }) => source === 'request-logs');
    addVerdict(verdict, trace(logs, note, isFlagged));
    return { ...verdict, requests };
  }

  return {
    async run(assault: Assault, modes: readonly UserMode[]): Promise<Outcome> {
      const verdict = emptyVerdict();
      let most = 0;
      for (const users of modes) {
        const { wrong, requests, ...rest } = await runMode(assault, users);
        most = Math.max(most, requests);
        addVerdict(verdict, { ...rest, wrong: wrong.map((problem) => `users ${users}, ${problem}`) });
      }
      return { ...verdict, requests: most };
    },
  };
}

/** Requests of the honest lines, and of plain ones. */
function sumOf(totals: Totals, lines: readonly Line[]): Totals {
  const sum = { ...totals };
  for (const { outcome } of lines) {
    if (outcome) {
      sum[outcome] += 1;
    }
  }
  return sum;
}

/** What an attack that leaves a trace must be told by. */
function trace(logs: Reading['sources'][number] | undefined, note: RegExp | undefined, isFlagged: boolean): Verdict {
  const verdict = emptyVerdict();
  const isTold = note === undefined || (logs?.notes.some((text) => note.test(text)) ?? false);
  const isMarked = isFlagged === (logs?.status !== 'ok');
  const problems = [
    ...(isTold ? [] : [`no note of request-logs matches ${String(note)}: ${logs?.notes.join('; ')}`]),
    ...(isMarked ? [] : [`request-logs is ${logs?.status}: ${logs?.notes.join('; ')}`]),
  ];
  return { ...verdict, exact: 2 - problems.length, wrong: problems };
}
