import { type OscarOptions } from '../../types';

/** What every part of the config editor needs. */
export interface OptionsProps {
  options: OscarOptions;
  /** True for a provisioned data source, whose options come from a file. */
  disabled: boolean;
  /** Sets an option; `undefined` removes it, so that its default applies. */
  onSet: <Key extends keyof OscarOptions>(key: Key, value: OscarOptions[Key] | undefined) => void;
}
