import { type Span } from '../domain/span';
import { countKeys, withoutRejected } from '../requests/counting';
import { type KeyCounts } from '../requests/keyCounts';
import { type Gathered } from '../sources/source';
import { type Facts, type ReportContext } from './report';
import { withUserTexts } from './shownUsers';

type View = NonNullable<Gathered['requests']>;

/** The requests of a span by what became of them (contract rule 1, option `rejectedRequests`). */
export function countedIn(
  views: Pick<Gathered, 'requests' | 'exposed'>,
  span: Span,
  context: Pick<ReportContext, 'services' | 'rejectedRequests' | 'shownUsers'>
): Pick<Facts, 'requests' | 'exposed' | 'rejected' | 'countsRejected'> {
  const { services, rejectedRequests } = context;
  const countsRejected = rejectedRequests === 'count';
  const partsOf = (view: View | undefined): Parts | undefined => {
    const all = view && countKeys(view, span, countsRejected ? services : undefined);
    return all && (countsRejected ? { counted: all, rejected: all.countOf('outcome', 'rejected') } : apart(all));
  };
  const [requests, exposed] = [partsOf(views.requests), partsOf(views.exposed)];
  const chosen = (keys: KeyCounts | undefined) =>
    keys && services && !countsRejected ? keys.where('service', (name) => services.has(name)) : keys;
  // Only where they count do rejected requests have a name, by which they could be chosen.
  const isKnown = requests !== undefined && (countsRejected || !services);
  const counted = chosen(requests?.counted);
  return {
    requests: counted ? withUserTexts(counted, context) : null,
    exposed: chosen(exposed?.counted) ?? null,
    rejected: isKnown ? requests.rejected + (exposed?.rejected ?? 0) : null,
    countsRejected,
  };
}

interface Parts {
  counted: KeyCounts;
  rejected: number;
}

function apart(all: KeyCounts): Parts {
  return { rejected: all.countOf('outcome', 'rejected'), counted: withoutRejected(all) };
}
