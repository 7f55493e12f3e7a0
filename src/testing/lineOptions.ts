import { type LineOptions } from '../core/expr/logql';

/** As with the default options. */
export const lineOptions: LineOptions = { namespacePrefix: 'oscar-svc', rejected: 'separate' };
