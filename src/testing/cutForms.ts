import { logger, type LineForm, wrapped } from './wrappings';

/** Lines that end early, and those that seem to. */
export const cutForms: readonly LineForm[] = makeForms();

function makeForms(): LineForm[] {
  const call = (path: string) => `POST    ${path}`;
  const cut: Array<[string, string]> = [
    ['in a path', logger(404, call('/job/x'))],
    ['in a path of a service', logger(201, call('/run/a'))],
    ['in a path, no token', logger(401, call('/run/a/'))],
    ['by oscar', logger(400, call('/job/a'))],
    ['with an error', logger(500, call('/job/a'))],
    ['in another path', logger(404, call('/x'))],
    ['right after the prefix', logger(404, call('/job/'))],
    ['after blanks', logger(404, call('/job/a b  '))],
    ['with | in the path', logger(404, call('/job/a|b |c'))],
    ['in the client', logger(201, call('/job/x')).replace(/ \| POST.*/, ' POST')],
    ['after a separator in the client', logger(201, call('/job/x')).replace(/ \| POST.*/, ' | POST')],
    ['in old time', logger(404, call('/job/x'), '2026/01/20 - 09:34:35')],
  ];
  const joined = `${logger(404, call('/job/x'))}\n${logger(201, call('/job/a | u'))}`;
  return [
    ...cut.flatMap(([name, line]) => wrapped(`cut ${name}`, line, 'cut')),
    ...wrapped('joined', joined, 'cut'),
    ...wrapped('two lines in one', `${logger(201, call('/job/a | u'))}\n${logger(201, call('/job/a | u'))}`, 'unknown'),
    ...wrapped('an empty user', logger(201, call('/job/a | ')), 'async a (none) succeeded'),
    ...wrapped('an empty user, trimmed', logger(201, call('/job/a |')), 'async a (none) succeeded'),
    // Cannot be told from a line without a user, or with one: the caller has written the separator, too.
    ...wrapped('cut after a separator', logger(201, call('/job/a | ')), 'async a (none) succeeded'),
    ...wrapped('cut in a user', logger(201, call('/job/a | u')), 'async a u succeeded'),
  ];
}
