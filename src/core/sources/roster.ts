import { type SourceState, stateOfSpans, unconfiguredState } from '../completeness/model';
import { type GatherRequest } from './source';

/**
 * The roster of the options. It is of now, whatever the range. Without one, membership rests on the authentication
 * method and the rules alone (contract rule 9), and the figures are whole all the same.
 */
export function rosterState({ settings, range, now }: GatherRequest): SourceState {
  return settings.roster.length === 0
    ? unconfiguredState('user-roster', range, now)
    : { ...stateOfSpans('user-roster', range, [], [], now), advisory: true, coveragePercent: 100 };
}
