import { missingState, type SourceState, stateOfSpans } from '../completeness/model';
import { type GatherRequest } from './source';

/**
 * The roster of the options. It is of now, whatever the range. Without one, membership rests on the authentication
 * method and the rules alone (contract rule 9).
 */
export function rosterState({ settings, range, now }: GatherRequest): SourceState {
  return settings.roster.length > 0
    ? stateOfSpans('user-roster', range, [], [], now)
    : missingState('user-roster', range, 'no roster in the options: membership rests on the rules', now);
}
