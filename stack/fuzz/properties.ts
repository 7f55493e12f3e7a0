import { answerProperties } from './answers';
import { escapeProperties } from './escapes';
import { lineProperties } from './lines';
import { optionProperties } from './options';
import { type FuzzProperty } from './property';

export const properties: readonly FuzzProperty[] = [
  ...optionProperties,
  ...lineProperties,
  ...escapeProperties,
  ...answerProperties,
];
