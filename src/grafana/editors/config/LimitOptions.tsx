import React from 'react';

import { settingsFrom } from '../../../core/settings';
import { selectors } from '../selectors';
import { type OptionsProps } from './configProps';
import { NumberOption } from './TextOption';

const { settleDelayMinutes, cacheMegabytes, minimumCoveragePercent } = selectors.configEditor;
const defaults = settingsFrom({});

/** When lines are settled, how much is kept, and how much has to be covered. */
export function LimitOptions(props: OptionsProps) {
  return (
    <>
      <NumberOption
        {...props}
        option="settleDelayMinutes"
        label={settleDelayMinutes.label}
        description="After this time no line arrives late any more; what is older is read once"
        fallback={String(defaults.settleDelayMinutes)}
        max={7 * 24 * 60}
      />
      <NumberOption
        {...props}
        option="cacheMegabytes"
        label={cacheMegabytes.label}
        description="Memory for all that is kept in the browser: requests, hours and times of scrapes, until the page is left"
        fallback={String(defaults.cacheMegabytes)}
        max={1024}
      />
      <NumberOption
        {...props}
        option="minimumCoveragePercent"
        label={minimumCoveragePercent.label}
        description="Figures whose sources cover less of the range are left empty; 0 shows everything, with its flags"
        fallback="0"
        max={100}
      />
    </>
  );
}
