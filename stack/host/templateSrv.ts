import { type ScopedVars, type TypedVariableModel } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';
import { escapeRegExp, get } from 'lodash';

/** A dashboard variable with its current selection. */
export interface HostVariable {
  name: string;
  value: string | string[];
  multi?: boolean;
  includeAll?: boolean;
}

type VariableValue = string | number | boolean | Array<string | number | boolean>;
type Format = (value: VariableValue, variable: { name: string; multi?: boolean; includeAll?: boolean }) => string;

/** `$name`, `[[name]]`, `[[name:format]]`, `${name}`, `${name.path}`, `${name:format}`. */
const reference =
  /\$(?<plain>\w+)|\[\[(?<square>\w+)(?::(?<squareFormat>\w+))?\]\]|\$\{(?<braced>\w+)(?:\.(?<path>[^:}]+))?(?::(?<format>[^}]+))?\}/g;

/** `getTemplateSrv()`: variables of the dashboard, overridden by scoped variables. */
export class HostTemplateSrv implements TemplateSrv {
  private variables: readonly HostVariable[] = [];

  setVariables(variables: readonly HostVariable[]): void {
    this.variables = variables;
  }

  getVariables(): TypedVariableModel[] {
    return this.variables.map(
      ({ name, value, multi = Array.isArray(value), includeAll = false }) =>
        // The part of the model that outlives Grafana's own editors.
        ({
          id: name,
          name,
          type: 'custom',
          multi,
          includeAll,
          current: { value, text: value, selected: true },
          options: [value].flat().map((text) => ({ value: text, text, selected: true })),
        }) as unknown as TypedVariableModel
    );
  }

  /**
   * The text with its variables replaced; unknown ones stay as they are. `format` is a name or a function
   * `(value, variable) => text`; a format in the reference itself wins. Default: glob (`{a,b}` for several values).
   */
  replace(target = '', scopedVars?: ScopedVars, format?: string | Function): string {
    return target.replace(reference, (match: string, ...rest: unknown[]) => {
      const groups = rest.at(-1) as Record<string, string | undefined>;
      const name = nameIn(groups);
      const variable = this.variables.find((candidate) => candidate.name === name);
      const scoped: unknown = scopedVars?.[name]?.value;
      const whole = scoped ?? variable?.value;
      const value: VariableValue | undefined = groups.path === undefined ? whole : get(whole, groups.path);
      if (value === undefined || value === null) {
        return match;
      }
      const chosen = groups.format ?? groups.squareFormat ?? format;
      return formatOf(chosen)(value, variable ?? { name, multi: Array.isArray(value) });
    });
  }

  containsTemplate(target = ''): boolean {
    return [...target.matchAll(reference)].some(({ groups = {} }) =>
      this.variables.some(({ name }) => name === nameIn(groups))
    );
  }

  updateTimeRange(): void {
    // No variable of this host depends on the time range.
  }
}

/** Name of the variable that a match of `reference` refers to. */
function nameIn({ plain, square, braced }: Record<string, string | undefined>): string {
  return plain ?? square ?? braced ?? '';
}

const joinWith = (separator: string, element: (text: string) => string = (text) => text): Format => {
  return (value) =>
    [value]
      .flat()
      .map((item) => element(String(item)))
      .join(separator);
};

const namedFormats: Record<string, Format> = {
  csv: joinWith(','),
  raw: joinWith(','),
  pipe: joinWith('|'),
  json: (value) => JSON.stringify(value),
  doublequote: joinWith(',', (text) => `"${text.replaceAll('"', '\\"')}"`),
  singlequote: joinWith(',', (text) => `'${text.replaceAll("'", "\\'")}'`),
  percentencode: (value, variable) => encodeURIComponent(glob(value, variable)),
  regex: (value) =>
    Array.isArray(value) ? `(${joinWith('|', escapeRegExp)(value, { name: '' })})` : escapeRegExp(String(value)),
};

const glob: Format = (value) => (Array.isArray(value) && value.length > 1 ? `{${value.join(',')}}` : String(value));

function formatOf(format: string | Function | undefined): Format {
  if (typeof format === 'function') {
    return (value, variable) => String(format(value, variable, glob));
  }
  return namedFormats[format ?? ''] ?? glob;
}
