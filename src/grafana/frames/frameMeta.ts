import { type DataFrame } from '@grafana/data';

import { type CompletenessEntry, type Notice } from '../../core/completeness/notices';

/** What a frame says beside its fields (contract, "Result frames"). */
export interface FrameMeta {
  name: string;
  refId: string;
  executedQueryString: string;
  notices: readonly Notice[];
  /** What changes no figure, and is no reason for a mark on the panel. */
  remarks: readonly string[];
  completeness: readonly CompletenessEntry[];
}

export function metaOf(
  shownAs: 'table' | 'graph',
  { name, refId, executedQueryString, notices, remarks, completeness }: FrameMeta
): Pick<DataFrame, 'name' | 'refId' | 'meta'> {
  return {
    name,
    refId,
    meta: {
      preferredVisualisationType: shownAs,
      executedQueryString,
      // They lead to the completeness of each source in the panel's inspector.
      notices: notices.map((notice) => ({ ...notice, inspect: 'meta' })),
      custom: { completeness, ...(remarks.length > 0 && { remarks }) },
    },
  };
}
