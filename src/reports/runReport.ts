import { type SourceState, type Status, statusIn, worstStatus } from '../completeness/model';
import { type Period, periodsOf, type PeriodUnit } from '../domain/periods';
import { type SourceName } from '../domain/sources';
import { type Span } from '../domain/span';
import { countKeys } from '../ledger/counting';
import { type Gathered } from '../sources/source';
import { sumHours } from './facts';
import { type Block, type Facts, type Report, type ReportContext } from './report';

/** Computes a report from what was gathered: one block, or one for each calendar period of the range. */
export function runReport(
  report: Report,
  context: ReportContext,
  gathered: Gathered,
  range: Span,
  unit: PeriodUnit | undefined,
  zone: string
): Block[] {
  const periods: Array<Period | undefined> = unit ? periodsOf(range, unit, zone) : [undefined];
  return periods.map((period) => {
    const span = period ?? range;
    const facts = factsOf(gathered, span, context);
    const rows = report.rows(facts, context).map(({ cells, sources }) => ({
      cells,
      sources,
      completeness: worstStatus(sources.map((source) => statusOf(gathered, source, span))),
    }));
    return { ...(period && { period }), rows };
  });
}

function factsOf(gathered: Gathered, span: Span, { services }: ReportContext): Facts {
  const { requests, exposed, cpu, gpu, inventory } = gathered;
  const has = (source: SourceName) => statusOf(gathered, source, span) !== 'missing';
  const deployed = inventory?.services;
  return {
    span,
    requests: requests && has('request-logs') ? countKeys(requests, span, services) : null,
    exposed: exposed && has('exposed-request-logs') ? countKeys(exposed, span, services) : null,
    hasCountries: has('country-attribution'),
    cpu: cpu && has('usage-cpu') ? sumHours(cpu.windows, span, services) : null,
    gpu: gpu && has('usage-gpu') ? sumHours(gpu.windows, span, services) : null,
    deployed: deployed ? deployed.filter((name) => !services || services.has(name)) : null,
  };
}

function statusOf({ states }: Gathered, source: SourceName, span: Span): Status {
  const state = states.get(source);
  return state ? statusIn(state, span) : 'missing';
}

/** The states of the sources that a report depends on, in the contract's order. */
export function statesOf({ states }: Gathered, sources: readonly SourceName[]): SourceState[] {
  return sources.flatMap((source) => states.get(source) ?? []);
}
