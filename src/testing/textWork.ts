import * as v from 'valibot';

import { toCountryCode } from '../core/domain/countries';
import { parseExposed } from '../core/domain/exposedLine';
import { serviceOfPod } from '../core/domain/podName';
import { parseRequest } from '../core/domain/requestLine';
import { toServiceKey } from '../core/domain/serviceName';
import { usersCell } from '../core/domain/users';
import { timeOf } from '../core/evidence/declaredGaps';
import { narrowed, requestFamily, selectorProblem } from '../core/expr/logql';
import { escapeInString, expandTemplate } from '../core/expr/promql';
import { escapeRegex } from '../core/expr/regex';
import { optionNames, optionSchemas } from '../core/optionsSchema';
import { durationMs } from '../core/upstream/durations';
import { classify } from '../core/upstream/errorMessages';

const options = { namespacePrefix: 'oscar-svc', rejected: 'separate' } as const;
const extract = requestFamily('{a="b"}', options).extract ?? (() => '');
const extractAll = requestFamily('{a="b"}', { ...options, rejected: 'count' }).extract ?? (() => '');

/** Everything that is done here with a text that somebody else may have written, at any length. None of it may throw but for a template. */
export const textWork: Readonly<Record<string, (text: string) => unknown>> = {
  'a line of the manager': (text) => parseRequest(extract(text), 'oscar-svc'),
  'a line of the manager, all counted': (text) => parseRequest(extractAll(text), 'oscar-svc'),
  'an extracted text': (text) => parseRequest(text, 'oscar-svc'),
  'an extracted text of the ingress': (text) => parseExposed(text, 'oscar-svc'),
  'a country': toCountryCode,
  'a name of a service': toServiceKey,
  'a name of a pod': (text) => serviceOfPod(text),
  'a cell of users': (text) => usersCell([text]),
  'a literal of PromQL': escapeInString,
  'a literal of RE2': escapeRegex,
  'a selector': selectorProblem,
  'a selector with one more matcher': (text) => narrowed(text, 'a="b"'),
  'a template': (text) => {
    try {
      return expandTemplate(text, { servicesNamespace: 'a', windowMs: 1 });
    } catch {
      return undefined;
    }
  },
  'a time': timeOf,
  'a duration': durationMs,
  'a message of an upstream': (text) => classify(500, text),
  'a refusal of an upstream': (text) => classify(400, text),
  ...Object.fromEntries(
    optionNames.map((name) => [
      `the option ${name}`,
      (text: string) => v.safeParse(optionSchemas[name] as v.GenericSchema, text),
    ])
  ),
};
