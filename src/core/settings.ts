import * as v from 'valibot';

import { type LineOptions } from './expr/logql';
import { type OptionName, optionNames, optionSchemas, pathText, unknownOptions } from './optionsSchema';

export { defaultExposedSelector, defaultRecordsSelector, defaultRequestSelector } from './optionsSchema';

type OptionValues = { [Name in OptionName]: v.InferOutput<(typeof optionSchemas)[Name]> };

/** The options with their defaults filled in (contract, "Options"). */
export interface Settings extends OptionValues {
  /** Key of the pseudonyms of users: the data source's uid and `usersSalt` (contract, option `users`). */
  pseudonymKey: string;
  /** What is wrong with the options and what is valid, for people; nothing may be asked then. Absent when nothing is. */
  problem?: string;
  /** Stored keys that are no options. */
  unknownOptions: readonly string[];
}

/**
 * Reads the options, whatever is stored. An empty text and null count as absent, except for an empty `exposedSelector`, which
 * means "not collected". An option that is not valid gets its default, and is named in `problem`. `uid` is the data source's own.
 * Never throws.
 */
export function settingsFrom(options: unknown, uid = ''): Settings {
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  const stored = (isObject ? options : {}) as Readonly<Record<string, unknown>>;
  const problems: string[] =
    isObject || options === undefined || options === null ? [] : ['the options must be an object'];
  const values = optionNames.map((name) => {
    const schema: v.GenericSchema = optionSchemas[name];
    const read = v.safeParse(schema, stored[name]);
    if (read.success) {
      return [name, read.output];
    }
    const [issue] = read.issues;
    problems.push(`option ${name}${pathText(issue)}${issue.message}`);
    return [name, v.parse(schema, undefined)];
  });
  const read = Object.fromEntries(values) as OptionValues;
  return {
    ...read,
    pseudonymKey: `${uid}${read.usersSalt}`,
    ...(problems.length > 0 && { problem: problems.join('; ') }),
    unknownOptions: unknownOptions(stored),
  };
}

/** What of the options shapes the questions for log lines. */
export function lineOptionsOf({ servicesNamespace, rejectedRequests }: Settings): LineOptions {
  return { namespacePrefix: servicesNamespace, rejected: rejectedRequests };
}
