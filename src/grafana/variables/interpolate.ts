import { type ScopedVars } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';

/** Can't occur in a service name, a variable's value that was typed, or a log line. */
const separator = '\u0000';

/** The value of a variable for which "All" is chosen and that has no values of its own for it. */
const all = '$__all';

/**
 * Fills template variables into a list of services. A variable with several values gives several services; one without any
 * gives none. Undefined, which means all services, only for a list that is empty as it is stored, and for "All" without values.
 */
export function interpolateServices(
  templateSrv: Pick<TemplateSrv, 'replace'> & Partial<Pick<TemplateSrv, 'getVariables'>>,
  services: readonly string[],
  scopedVars: ScopedVars
): string[] | undefined {
  if (services.length === 0) {
    return undefined;
  }
  const valuesWith = (scoped: ScopedVars) => valuesOf(templateSrv, services, scoped);
  const values = valuesWith(scopedVars);
  // Grafana fills in the values that "All" stands for, which are none as long as the variable has none.
  const isAll =
    values.includes(all) ||
    (values.length === 0 && valuesWith({ ...allChosen(templateSrv), ...scopedVars }).includes(all));
  return isAll ? undefined : [...new Set(values)];
}

/**
 * Fills template variables into a list of keys, as above, but for "All": who wants all names none. Any text can be the name of a
 * user.
 */
export function interpolateKeys(
  templateSrv: Pick<TemplateSrv, 'replace'>,
  keys: readonly string[],
  scopedVars: ScopedVars
): string[] | undefined {
  return keys.length === 0 ? undefined : [...new Set(valuesOf(templateSrv, keys, scopedVars))];
}

function valuesOf(
  templateSrv: Pick<TemplateSrv, 'replace'>,
  texts: readonly string[],
  scopedVars: ScopedVars
): string[] {
  return texts
    .flatMap((text) => templateSrv.replace(text, scopedVars, joinValues).split(separator))
    .filter((value) => value !== '');
}

/**
 * Fills template variables into the limit of a query; "All" without a value of its own means all. What is left of a variable
 * that there is none of, or that has several values, is no limit: the check of the query says so.
 */
export function interpolateLimit(
  templateSrv: Pick<TemplateSrv, 'replace'> & Partial<Pick<TemplateSrv, 'getVariables'>>,
  limit: string,
  scopedVars: ScopedVars
): string {
  const filled = templateSrv.replace(limit, scopedVars, listValues);
  const ofAll = templateSrv.replace(limit, { ...allChosen(templateSrv), ...scopedVars }, listValues);
  // Grafana fills in all values that "All" stands for, as a list.
  return ofAll.trim() === all && (filled === '' || filled.startsWith('[')) ? all : filled;
}

/** The variables for which "All" is chosen, with this as their value. */
function allChosen(templateSrv: Partial<Pick<TemplateSrv, 'getVariables'>>): ScopedVars {
  const chosen = (templateSrv.getVariables?.() ?? []).filter((variable) => {
    const current: unknown = 'current' in variable ? variable.current : undefined;
    const value = (current as { value?: unknown } | null | undefined)?.value;
    return [value].flat().includes(all);
  });
  return Object.fromEntries(chosen.map(({ name }) => [name, { text: 'All', value: all }]));
}

function joinValues(value: string | string[]): string {
  return Array.isArray(value) ? value.join(separator) : String(value);
}

function listValues(value: string | string[]): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}
