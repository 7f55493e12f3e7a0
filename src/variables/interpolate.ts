import { type ScopedVars } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';

/** Can't occur in a service name, a variable's value that was typed, or a log line. */
const separator = '\u0000';

/**
 * Fills template variables into a list of services. A variable with several values gives several services; "All"
 * without values of its own means no filter, which is an empty list.
 */
export function interpolateServices(
  templateSrv: Pick<TemplateSrv, 'replace'>,
  services: readonly string[],
  scopedVars: ScopedVars
): string[] {
  const values = services.flatMap((service) => templateSrv.replace(service, scopedVars, joinValues).split(separator));
  return values.includes('$__all') ? [] : [...new Set(values.filter((value) => value !== ''))];
}

function joinValues(value: string | string[]): string {
  return Array.isArray(value) ? value.join(separator) : String(value);
}
