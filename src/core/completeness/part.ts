import { clip, type Span } from '../domain/span';
import { coverageIn, gapsOf, notesIn, type SourceState, statusIn } from './model';

/** What is known about a source inside a part of the range, such as one period. */
export function stateIn(state: SourceState, part: Span): SourceState {
  if (state.unconfigured) {
    return state;
  }
  const [range = { start: part.start, end: part.start }] = clip([part], state.range);
  if (range.start === state.range.start && range.end === state.range.end) {
    return state;
  }
  return {
    ...state,
    range,
    status: statusIn(state, part),
    missing: clip(state.missing, range),
    gaps: gapsOf(state).flatMap(({ kind, note, ...span }) =>
      clip([span], range).map((clipped) => ({ ...clipped, kind, note }))
    ),
    doubted: clip(state.doubted ?? [], range),
    ...(state.recorded && { recorded: clip(state.recorded, range) }),
    notes: notesIn(state, part),
    coveragePercent: state.coveragePercent === null ? null : coverageIn(state, part),
  };
}
