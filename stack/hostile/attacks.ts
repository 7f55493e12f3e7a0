import { type Attack, type AttackLines } from './attack';
import {
  eightFields,
  foreignTexts,
  forgedClients,
  forgedEvents,
  forgedLines,
  replayedLines,
  separators,
  unknownForms,
} from './forgeries';
import { exposedTexts, inventedExposed, inventedNames } from './nameAttacks';
import { bursts, giantIds, headerGames, newUsers, oddIds, ownEightFields } from './tokenAttacks';

export const attacks: readonly Attack[] = [
  inventedNames,
  inventedExposed,
  exposedTexts,
  foreignTexts,
  unknownForms,
  forgedLines,
  forgedClients,
  forgedEvents,
  replayedLines,
  eightFields,
  ownEightFields,
  separators,
  oddIds,
  giantIds,
  bursts,
  newUsers,
  headerGames,
];

/** An attack with its lines. `parts`: the attacks that it is made of. */
export interface Assault extends AttackLines {
  name: string;
  parts: readonly string[];
}

/** Several attacks at once. Notes and flags are those of the attacks; an attack alone is judged by its own. */
export function together(name: string, assaults: readonly Assault[]): Assault {
  return {
    name,
    parts: assaults.flatMap(({ parts }) => parts),
    hostile: assaults.flatMap(({ hostile }) => hostile),
    truth: assaults.flatMap(({ truth }) => truth),
    ...(assaults.some(({ claimed }) => claimed) && {
      claimed: assaults.flatMap(({ truth, claimed = truth }) => claimed),
    }),
    aliases: assaults.flatMap(({ aliases = [] }) => aliases),
    isFlagged: assaults.some(({ isFlagged }) => isFlagged),
  };
}
