import { type SourceState, stateOfFindings } from '../completeness/model';
import { rosterRules } from '../evidence/rosterRules';
import { judgeAll } from '../evidence/rule';
import { type GatherRequest } from './source';

/**
 * The roster of the options. It is of now, whatever the range. Without one, membership rests on the authentication
 * method and the rules alone (contract rule 9): then it is missing, and the figures are whole all the same.
 */
export function rosterState({ settings, range, now }: GatherRequest): SourceState {
  const state = stateOfFindings('user-roster', range, judgeAll(rosterRules, settings), now);
  return { ...state, advisory: true, coveragePercent: state.status === 'missing' ? 0 : 100 };
}
