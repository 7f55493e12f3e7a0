import { settingsFrom } from '../../../core/settings';
import { type OscarOptions } from '../../types';

/** The options with one of them set, or removed where the value is `undefined`, so that its default applies. */
export function withOption<Key extends keyof OscarOptions>(
  options: OscarOptions,
  key: Key,
  value: OscarOptions[Key] | undefined
): OscarOptions {
  const { [key]: _, ...others } = options;
  return value === undefined ? others : { ...others, [key]: value };
}

/** What is wrong with one option, whatever the others are, in words for its own field; undefined when nothing is. */
export function optionProblem<Key extends keyof OscarOptions>(key: Key, value: OscarOptions[Key]): string | undefined {
  const { problem } = settingsFrom({ [key]: value });
  return problem?.replace(/^option \w+(?:\[\d+\]\.?)?:?\s*/, '');
}

/** The entries of a text with one entry per line; empty lines do not count. */
export function linesOf(text: string): string[] | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.length > 0 ? lines : undefined;
}

/** A stored text as it can be edited, whatever was stored. */
export function editableText(stored: unknown): string {
  return typeof stored === 'string' ? stored : stored === undefined || stored === null ? '' : JSON.stringify(stored);
}

/** The entries of a stored list of objects; what is none of these can't be edited, and is named as a problem. */
export function entriesOf<Entry>(stored: readonly Entry[] | undefined): readonly Entry[] | undefined {
  const list: unknown = stored || undefined;
  return list === undefined ? undefined : Array.isArray(list) ? (list as Entry[]).filter(isObject) : [];
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
