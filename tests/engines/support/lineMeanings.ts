import { lastValueFrom, map } from 'rxjs';

import { dayMs } from '../../../src/core/domain/duration';
import { parseExposed, unreadText } from '../../../src/core/domain/exposedLine';
import { anyRejected, cutText, parseRequest } from '../../../src/core/domain/requestLine';
import { countExpr, type LineFamily } from '../../../src/core/expr/logql';
import { type LokiClient } from '../../../src/core/upstream/loki';

/**
 * The meaning of each form of line of a day by the label `form`, its number, as Loki extracts it and the family's parser reads it. What is
 * not there has none.
 */
export async function meaningsOf(client: LokiClient, family: LineFamily, day: number): Promise<Map<number, string>> {
  const expr = countExpr({ ...family, groupBy: ['form', ...family.groupBy] }, dayMs, 1);
  const counts = client.counts(expr, day + dayMs, day + dayMs, 1);
  const series = await lastValueFrom(counts.pipe(map((answer) => answer.series)));
  const parse = family.id === 'requests' ? parseRequest : parseExposed;
  return new Map(
    series.map(({ labels }) => {
      const text = family.textOf(labels);
      const isWord = [unreadText, cutText].includes(text);
      return [Number(labels['form']), text === '' ? 'unknown' : isWord ? text : wordsOf(parse(text, 'oscar-svc'))];
    })
  );
}

function wordsOf(request: unknown): string {
  if (request === anyRejected) {
    return 'rejected';
  }
  const { type, service, user, outcome } = (request ?? {}) as Record<string, string>;
  return request === undefined ? 'none' : [type, service, user, outcome].join(' ');
}
