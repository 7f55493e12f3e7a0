import { type DataSourceInstanceSettings, type DataSourceSettings } from '@grafana/data';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';

import { defaultMembershipRules } from '../../../core/domain/membership';
import { defaultCpuQuery } from '../../../core/expr/promql';
import { axeProblems } from '../../../testing/axe';
import { giveLayout } from '../../../testing/layout';
import { type OscarOptions } from '../../types';
import { selectors } from '../selectors';
import ConfigEditor from './ConfigEditor';

const dataSource = (uid: string, type: string) =>
  ({ uid, type, name: uid, meta: { info: { logos: {} } } }) as DataSourceInstanceSettings;
const dataSources = [
  dataSource('prom', 'prometheus'),
  dataSource('amazon', 'grafana-amazonprometheus-datasource'),
  dataSource('victoria', 'victoriametrics-metrics-datasource'),
  dataSource('loki', 'loki'),
  dataSource('-- Grafana --', 'grafana'),
];
type Filter = (settings: DataSourceInstanceSettings) => boolean;

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  DataSourcePicker: ({ inputId, current, filter, disabled, onChange, onClear }: PickerProps) => (
    <>
      <select
        id={inputId}
        value={current ?? ''}
        disabled={disabled}
        onChange={({ target }) => onChange(dataSources.find(({ uid }) => uid === target.value))}
      >
        <option value="" />
        {dataSources.filter(filter).map(({ uid }) => (
          <option key={uid}>{uid}</option>
        ))}
      </select>
      <button onClick={onClear}>clear {inputId}</button>
    </>
  ),
}));

interface PickerProps {
  inputId: string;
  current: string | null;
  filter: Filter;
  disabled?: boolean;
  onChange: (settings: DataSourceInstanceSettings | undefined) => void;
  onClear: () => void;
}

const { configEditor } = selectors;

beforeAll(giveLayout);

/** Draws the editor as Grafana does: what it reports becomes its options. */
function draw(jsonData: OscarOptions = {}, readOnly = false) {
  const changes: OscarOptions[] = [];
  function Host() {
    const [options, setOptions] = useState({ jsonData, readOnly } as DataSourceSettings<OscarOptions>);
    return (
      <ConfigEditor
        options={options}
        onOptionsChange={(changed) => {
          changes.push(changed.jsonData);
          setOptions(changed);
        }}
      />
    );
  }
  const view = render(<Host />);
  return { ...view, last: () => changes[changes.length - 1], changes };
}

const unfold = async (section: string) => userEvent.click(screen.getByRole('button', { name: section }));
const textbox = (name: string) => screen.getByRole('textbox', { name });

it('needs no more than two data sources, and offers the ones that fit', async () => {
  const { last } = draw();
  const prometheus = screen.getByLabelText(configEditor.prometheus.label);
  expect(
    within(prometheus)
      .getAllByRole('option')
      .map(({ textContent }) => textContent)
  ).toEqual(['', 'prom', 'amazon', 'victoria']);
  await userEvent.selectOptions(prometheus, 'amazon');
  await userEvent.selectOptions(screen.getByLabelText(configEditor.loki.label), 'loki');
  expect(last()).toEqual({ prometheusUid: 'amazon', lokiUid: 'loki' });
  await userEvent.click(screen.getByRole('button', { name: `clear ${configEditor.loki.inputId}` }));
  expect(last()).toEqual({ prometheusUid: 'amazon' });
});

it('folds everything else, with the defaults as placeholders', async () => {
  draw();
  expect(screen.queryByRole('textbox')).toBeNull();
  await unfold(configEditor.sections.usage);
  expect(textbox(configEditor.cpuQuery.label)).toHaveValue('');
  expect(textbox(configEditor.cpuQuery.label)).toHaveAttribute('placeholder', defaultCpuQuery);
  expect(textbox(configEditor.servicesNamespace.label)).toHaveAttribute('placeholder', 'oscar-svc');
});

it('stores a text when it is finished, and its default again when it is cleared', async () => {
  const { last, changes } = draw({ lokiUid: 'loki' });
  await unfold(configEditor.sections.requests);
  const selector = textbox(configEditor.requestSelector.label);
  await userEvent.click(selector);
  await userEvent.paste('{app="oscar"}');
  expect(changes).toEqual([]);
  await userEvent.tab();
  expect(last()).toEqual({ lokiUid: 'loki', requestSelector: '{app="oscar"}' });
  await userEvent.clear(selector);
  await userEvent.tab();
  expect(last()).toEqual({ lokiUid: 'loki' });
});

it('says beside the field, and below the folded sections, what is wrong', async () => {
  draw({ cpuQuery: 'sum(cpu)' });
  expect(screen.getByTestId(configEditor.problem.testId)).toHaveTextContent(
    'option cpuQuery: the query template must contain {{range}}'
  );
  await unfold(configEditor.sections.usage);
  expect(screen.getByText('the query template must contain {{range}}')).toBeVisible();
});

it('turns the exposed requests off with an empty selector, and on with the default', async () => {
  const { last } = draw();
  await unfold(configEditor.sections.requests);
  const collect = screen.getByRole('switch', { name: configEditor.collectExposed.label });
  expect(collect).toBeChecked();
  await userEvent.click(collect);
  expect(last()).toEqual({ exposedSelector: '' });
  expect(screen.queryByRole('textbox', { name: configEditor.exposedSelector.label })).toBeNull();
  await userEvent.click(collect);
  expect(last()).toEqual({});
});

it('turns usage records off with an empty selector, and on with the default', async () => {
  const { last } = draw();
  await unfold(configEditor.sections.records);
  const use = screen.getByRole('switch', { name: configEditor.useRecords.label });
  expect(use).toBeChecked();
  await userEvent.type(textbox(configEditor.recordsPublicKey.label), 'short');
  await userEvent.tab();
  expect(screen.getByText(/^must be 32 bytes in base64/)).toBeVisible();
  await userEvent.clear(textbox(configEditor.recordsPublicKey.label));
  await userEvent.tab();
  await userEvent.click(use);
  expect(last()).toEqual({ recordsSelector: '' });
  expect(screen.queryByRole('textbox', { name: configEditor.recordsSelector.label })).toBeNull();
  await userEvent.click(use);
  expect(last()).toEqual({});
});

it('takes a roster with one member per line', async () => {
  const { last } = draw();
  await unfold(configEditor.sections.membership);
  await userEvent.type(textbox(configEditor.roster.label), ' ada {Enter}{Enter}*@example.org');
  await userEvent.tab();
  expect(last()).toEqual({ roster: ['ada', '*@example.org'] });
});

it('shows the default membership rules until someone changes them', async () => {
  const { membershipRules: names } = configEditor;
  const { last } = draw();
  await unfold(configEditor.sections.membership);
  expect(textbox(names.pattern(1))).toBeDisabled();
  expect(textbox(names.pattern(1))).toHaveValue(defaultMembershipRules[0]?.pattern);
  await userEvent.click(screen.getByRole('button', { name: names.customise }));
  expect(last()).toEqual({ membershipRules: defaultMembershipRules });

  await userEvent.click(screen.getByRole('button', { name: names.remove(1) }));
  await userEvent.click(screen.getByRole('button', { name: names.moveUp(2) }));
  const [, second, third, fourth] = defaultMembershipRules;
  expect(last()).toEqual({ membershipRules: [third, second, fourth] });

  await userEvent.click(screen.getByRole('button', { name: names.add }));
  expect(screen.getByTestId(names.testId)).toHaveTextContent(/must not be empty: it would match everybody/);
  await userEvent.click(textbox(names.pattern(4)));
  await userEvent.paste('([a-z]+)+');
  await userEvent.tab();
  expect(screen.getByTestId(names.testId)).toHaveTextContent(/must not repeat what is repeated already/);
  await userEvent.clear(textbox(names.pattern(4)));
  await userEvent.paste('[');
  await userEvent.tab();
  expect(screen.getByTestId(names.testId)).toHaveTextContent(/Invalid regular expression/);
  await userEvent.click(screen.getByRole('combobox', { name: names.membership(4) }));
  await userEvent.click(await screen.findByRole('option', { name: 'external' }));
  expect(last()?.membershipRules?.[3]).toEqual({ pattern: '[', membership: 'external' });

  await userEvent.click(screen.getByRole('button', { name: names.reset }));
  expect(last()).toEqual({});
});

it('lists the known gaps', async () => {
  const { knownGaps: names } = configEditor;
  const { last } = draw();
  await unfold(configEditor.sections.knownGaps);
  await userEvent.click(screen.getByRole('button', { name: names.add }));
  const entries = {
    [names.from(1)]: '2026-10-01T00:00Z',
    [names.to(1)]: '2026-10-02T00:00Z',
    [names.note(1)]: 'moved',
  };
  for (const [name, text] of Object.entries(entries)) {
    await userEvent.type(textbox(name), text);
  }
  await userEvent.click(screen.getByRole('combobox', { name: names.source(1) }));
  await userEvent.click(await screen.findByRole('option', { name: 'CPU hours' }));
  const gap = { from: '2026-10-01T00:00Z', to: '2026-10-02T00:00Z', source: 'usage-cpu', note: 'moved' };
  expect(last()).toEqual({ knownGaps: [gap] });
  await userEvent.click(screen.getByRole('button', { name: names.remove(1) }));
  expect(last()).toEqual({});
});

it('takes limits as numbers', async () => {
  const { last } = draw();
  await unfold(configEditor.sections.limits);
  const cache = screen.getByRole('spinbutton', { name: configEditor.cacheMegabytes.label });
  expect(cache).toHaveAttribute('placeholder', '64');
  await userEvent.type(cache, '128{Enter}');
  expect(last()).toEqual({ cacheMegabytes: 128 });
  await userEvent.clear(cache);
  await userEvent.type(cache, '4096{Enter}');
  expect(screen.getByText('must be a number from 1 to 1024')).toBeVisible();
});

it('lets rejected requests be counted', async () => {
  const { last } = draw();
  await unfold(configEditor.sections.requests);
  const choice = screen.getByRole('combobox', { name: configEditor.rejectedRequests.label });
  expect(choice).toHaveValue(configEditor.rejectedRequests.separate);
  await userEvent.click(choice);
  await userEvent.click(await screen.findByRole('option', { name: configEditor.rejectedRequests.count }));
  expect(last()).toEqual({ rejectedRequests: 'count' });
});

it('shows users as the administrator wants it, and asks for a salt only where it has a use', async () => {
  const { last } = draw();
  await unfold(configEditor.sections.privacy);
  const choice = screen.getByRole('combobox', { name: configEditor.users.label });
  expect(choice).toHaveValue(configEditor.users.full);
  expect(screen.queryByRole('textbox', { name: configEditor.usersSalt.label })).toBeNull();
  await userEvent.click(choice);
  await userEvent.click(await screen.findByRole('option', { name: configEditor.users.pseudonym }));
  await userEvent.type(textbox(configEditor.usersSalt.label), 'pepper{Enter}');
  expect(last()).toEqual({ users: 'pseudonym', usersSalt: 'pepper' });
  await userEvent.click(choice);
  await userEvent.click(await screen.findByRole('option', { name: configEditor.users.full }));
  expect(last()).toEqual({ usersSalt: 'pepper' });
  const smallest = screen.getByRole('spinbutton', { name: configEditor.smallestGroup.label });
  await userEvent.type(smallest, '5{Enter}');
  expect(last()).toEqual({ usersSalt: 'pepper', smallestGroup: 5 });
  await userEvent.clear(smallest);
  await userEvent.type(smallest, '2.5{Enter}');
  expect(screen.getByText('must be a whole number')).toBeVisible();
});

it('can be drawn and says what is wrong, whatever is stored', async () => {
  const stored = { roster: 'alice', membershipRules: { a: 1 }, knownGaps: [null, 'x'], servicesNamespace: 5 };
  draw(stored as unknown as OscarOptions);
  for (const section of Object.values(configEditor.sections)) {
    await unfold(section);
  }
  expect(screen.getByTestId(configEditor.problem.testId)).toHaveTextContent(
    /servicesNamespace must be a text.*membershipRules must be a list.*roster must be a list.*knownGaps\[0\] must be/
  );
});

describe('with everything unfolded', () => {
  const gap = { from: '2026-10-01T00:00Z', to: '2026-10-02T00:00Z', source: 'usage-cpu', note: '' };
  const rule = { pattern: 'a', membership: 'member' } as const;
  const unfoldAll = async () => {
    for (const section of Object.values(configEditor.sections)) {
      await unfold(section);
    }
  };

  it('leaves nothing to change where the data source is provisioned', async () => {
    draw({ knownGaps: [gap], membershipRules: [rule] }, true);
    await unfoldAll();
    const controls = ['textbox', 'combobox', 'spinbutton', 'switch'].flatMap((role) => screen.getAllByRole(role));
    expect(controls.length).toBeGreaterThan(15);
    controls.forEach((control) => expect(control).toBeDisabled());
    expect(screen.queryByRole('button', { name: configEditor.membershipRules.add })).toBeNull();
    expect(screen.queryByRole('button', { name: configEditor.knownGaps.remove(1) })).toBeNull();
  });

  it('has a name for every control', async () => {
    const { container } = draw({ knownGaps: [gap], membershipRules: [rule, rule] });
    await unfoldAll();
    expect(await axeProblems(container)).toEqual([]);
  });
});
