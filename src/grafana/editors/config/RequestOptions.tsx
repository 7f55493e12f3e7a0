import { Combobox, Switch } from '@grafana/ui';
import React from 'react';

import { defaultExposedSelector, defaultRequestSelector } from '../../../core/settings';
import { selectors } from '../selectors';
import { type OptionsProps } from './configProps';
import { OptionField } from './OptionField';
import { optionProblem } from './options';
import { TextOption } from './TextOption';

const { requestSelector, collectExposed, exposedSelector, rejectedRequests } = selectors.configEditor;

const rejectedChoices = [
  { value: 'separate' as const, label: rejectedRequests.separate },
  { value: 'count' as const, label: rejectedRequests.count },
];

/** Where the requests stand in Loki. */
export function RequestOptions(props: OptionsProps) {
  const { options, disabled, onSet } = props;
  // An empty selector means "not collected" (contract, "Options").
  const isCollected = options.exposedSelector !== '';
  return (
    <>
      <TextOption
        {...props}
        option="requestSelector"
        label={requestSelector.label}
        description="LogQL stream selector for the log lines of the OSCAR manager"
        fallback={defaultRequestSelector}
      />
      <OptionField
        label={collectExposed.label}
        description="Requests to exposed services, from the access log of the ingress controller"
        disabled={disabled}
      >
        {({ id, describedBy }) => (
          <Switch
            id={id}
            aria-describedby={describedBy}
            value={isCollected}
            onChange={({ currentTarget }) => onSet('exposedSelector', currentTarget.checked ? undefined : '')}
          />
        )}
      </OptionField>
      {isCollected && (
        <TextOption
          {...props}
          option="exposedSelector"
          label={exposedSelector.label}
          description="LogQL stream selector for the log lines of the ingress controller"
          fallback={defaultExposedSelector}
        />
      )}
      <OptionField
        label={rejectedRequests.label}
        description="Requests that nobody processed, such as those without valid credentials: count them separately, or include them in all figures as OSCAR does"
        problem={optionProblem('rejectedRequests', options.rejectedRequests)}
        disabled={disabled}
        inputId={rejectedRequests.inputId}
      >
        {({ id }) => (
          <Combobox
            id={id}
            options={rejectedChoices}
            value={options.rejectedRequests || 'separate'}
            disabled={disabled}
            width={40}
            onChange={({ value }) => onSet('rejectedRequests', value === 'separate' ? undefined : value)}
          />
        )}
      </OptionField>
    </>
  );
}
