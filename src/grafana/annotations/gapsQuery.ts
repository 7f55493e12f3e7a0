import { type SourceName } from '../../core/domain/sources';
import { type OscarQuery } from '../types';

/** The query of an annotation that shows gaps. */
export interface GapsQuery extends OscarQuery {
  /** Only the gaps of these sources; empty or absent means all. */
  sources?: SourceName[];
}
