import { type LineOptions } from '../expr/logql';

/** As with the default options. */
export const lineOptions: LineOptions = { namespacePrefix: 'oscar-svc', rejected: 'separate' };
