import { type TimeRange } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { type ComboboxOption } from '@grafana/ui';

import { loadValues } from '../loadValues';
import { type DataSource } from './editorProps';

/** Variables whose values can be names. */
const variableTypes: readonly string[] = ['query', 'custom', 'textbox', 'constant'];

/** Template variables of the dashboard, as values for a field. */
function variableOptions(): Array<ComboboxOption<string>> {
  return getTemplateSrv()
    .getVariables()
    .filter(({ type }) => variableTypes.includes(type))
    .map(({ name, label }) => ({ value: `$${name}`, description: label || 'Template variable' }));
}

/**
 * Options for the service field that contain what was typed: template variables, then the services of the range. A data
 * source that does not answer leaves the variables, and an option that tells why and cannot be chosen.
 */
export async function serviceOptions(
  datasource: DataSource,
  range: TimeRange | undefined,
  typed: string
): Promise<Array<ComboboxOption<string>>> {
  const services = await loadValues(datasource, 'services', range).then(
    (values) => values.map(({ text }): ComboboxOption<string> => ({ value: text })),
    (error: Error): Array<ComboboxOption<string>> => [
      { value: '', label: 'The services could not be read', description: error.message, infoOption: true },
    ]
  );
  const wanted = typed.trim().toLowerCase();
  return [...variableOptions(), ...services].filter(
    ({ value, infoOption }) => infoOption || value.toLowerCase().includes(wanted)
  );
}
