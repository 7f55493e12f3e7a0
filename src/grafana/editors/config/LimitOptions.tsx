import React from 'react';

import { settingsFrom } from '../../../core/settings';
import { selectors } from '../selectors';
import { type OptionsProps } from './configProps';
import { NumberOption } from './TextOption';

const { settleDelayMinutes, cacheMegabytes, attributionThreshold, minimumCoveragePercent } = selectors.configEditor;
const defaults = settingsFrom({});

/** When lines are settled, how much is kept, and how much has to be covered. */
export function LimitOptions(props: OptionsProps) {
  return (
    <>
      <NumberOption
        {...props}
        option="settleDelayMinutes"
        label={settleDelayMinutes.label}
        description="How late log lines may arrive. Older data is final and is read only once"
        fallback={String(defaults.settleDelayMinutes)}
        max={7 * 24 * 60}
      />
      <NumberOption
        {...props}
        option="cacheMegabytes"
        label={cacheMegabytes.label}
        description="How much memory the browser may use to cache requests, CPU and GPU hours and scrape times, until the page is closed"
        fallback={String(defaults.cacheMegabytes)}
        max={1024}
      />
      <NumberOption
        {...props}
        option="attributionThreshold"
        label={attributionThreshold.label}
        description="Figures about countries are partial if less than this percentage of the requests has a known country; 0 accepts any share"
        fallback={String(defaults.attributionThreshold)}
        max={100}
      />
      <NumberOption
        {...props}
        option="minimumCoveragePercent"
        label={minimumCoveragePercent.label}
        description="Leave a value empty if its source covers less than this share of the range; 0 shows all values, with warnings"
        fallback="0"
        max={100}
      />
    </>
  );
}
