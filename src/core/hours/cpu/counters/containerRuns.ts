import { endedAfterMs } from '../../../expr/promqlCpu';
import { type CounterSeries, type Kind, kindOf, type Samples } from './containers';

/** One run of a container, from its start to the next one, as each of the series that were there shows its counter. */
export interface Run {
  /** Each of them only grows. */
  twins: readonly Samples[];
  /** The value of its first sample. */
  first: number;
  /** Its beginning was seen as the reset of a series, so that it began at 0. */
  isFromReset: boolean;
  /** When a series that goes on was reset (ms): the next run began, and no series ended. */
  resetAt: number;
}

/**
 * The runs of a container. A series with a cgroup or a name is of the run in which that appeared first. A series without goes
 * on over restarts: it is of the latest run. Series differ in their gaps, and each shows a reset for itself, some later than
 * others or, over a gap, not at all: a value is of the latest run when its series saw the reset or may have missed it.
 */
export function runsOf(series: readonly CounterSeries[]): Run[] {
  const samples = series
    .flatMap((one, index) => one.samples.map(([at, value]): Sample => ({ at, value, index, series: one })))
    .sort((a, b) => a.at - b.at);
  const open = new OpenRuns();
  samples.forEach((sample) => open.take(sample));
  return open.runs.map(({ twins, first, follows, resetAt }) => ({
    twins: [...twins.values()],
    first: first.value,
    isFromReset: follows !== undefined,
    resetAt,
  }));
}

interface Sample {
  at: number;
  value: number;
  /** Of its series. */
  index: number;
  series: CounterSeries;
}

interface OpenRun {
  index: number;
  twins: Map<number, Array<readonly [number, number]>>;
  first: Sample;
  most: number;
  /** The kinds of labels that name it. */
  kinds: Set<Kind>;
  /** From when on no series that bears its cgroup or name has more than one sample left. */
  lastsUntil: number;
  follows?: OpenRun;
  resetAt: number;
}

class OpenRuns {
  readonly runs: OpenRun[] = [];
  private readonly named = new Map<string, OpenRun>();
  private readonly seen = new Map<number, { value: number; run: OpenRun }>();

  take(sample: Sample): void {
    const { at, value, index } = sample;
    const latest = this.runOf(sample);
    const before = this.seen.get(index) ?? { value: -Infinity, run: latest };
    const run = this.isNext(sample, latest, before)
      ? this.begin(sample, latest)
      : isOfFormer(sample, latest, before)
        ? before.run
        : latest;
    const twin = run.twins.get(index) ?? [];
    twin.push([at, value]);
    run.twins.set(index, twin);
    run.most = Math.max(run.most, value);
    this.seen.set(index, { value, run });
  }

  /** Whether a sample shows a reset that no other one did. A series without a name can't reset a run whose own goes on. */
  private isNext({ at, value, series }: Sample, latest: OpenRun, before: { value: number; run: OpenRun }): boolean {
    const isReset = value < before.value && before.run === latest;
    return isReset && (kindOf(series) !== 'none' || at >= latest.lastsUntil);
  }

  /** The run that a series would be of if it had shown no reset itself. */
  private runOf(sample: Sample): OpenRun {
    const kind = kindOf(sample.series);
    const last = this.runs[this.runs.length - 1];
    const [label] = labelsOf(sample.series);
    if (label === undefined) {
      return last && !this.isNextUnnamed(sample, last) ? last : this.begin(sample);
    }
    const known = this.named.get(label);
    if (known) {
      return known;
    }
    if (!last || last.kinds.has(kind) || !mayBeOf(sample, last)) {
      return this.begin(sample);
    }
    if (last.follows?.kinds.has(kind)) {
      // The series that named the former run ended.
      last.follows.resetAt = Infinity;
    }
    this.name(last, sample);
    return last;
  }

  /** Whether a series without a name appears anew after all that bear the name of the last run. */
  private isNextUnnamed(sample: Sample, last: OpenRun): boolean {
    return !this.seen.has(sample.index) && sample.at >= last.lastsUntil && !mayBeOf(sample, last);
  }

  private begin(sample: Sample, follows?: OpenRun): OpenRun {
    const run: OpenRun = {
      index: this.runs.length,
      twins: new Map(),
      first: sample,
      most: sample.value,
      kinds: new Set(),
      lastsUntil: -Infinity,
      ...(follows && { follows }),
      resetAt: Infinity,
    };
    if (follows) {
      follows.resetAt = sample.at;
    }
    this.runs.push(run);
    this.name(run, sample);
    return run;
  }

  private name(run: OpenRun, { series }: Sample): void {
    for (const label of labelsOf(series)) {
      this.named.set(label, run);
      run.kinds.add(label.startsWith('cgroup') ? 'cgroup' : 'name');
      const [lastButOne] = series.samples[series.samples.length - 2] ?? [-Infinity];
      run.lastsUntil = Math.max(run.lastsUntil, lastButOne);
    }
  }
}

/** What names the run that a series is of, the more trusted first. */
function labelsOf({ cgroup, name }: CounterSeries): string[] {
  return [...(cgroup === undefined ? [] : [`cgroup ${cgroup}`]), ...(name === undefined ? [] : [`name ${name}`])];
}

/** Without a reset of its own, a series that is behind shows the former run, or has grown over its gap. */
function isOfFormer({ value }: Sample, latest: OpenRun, before: { value: number; run: OpenRun }): boolean {
  return before.run.index < latest.index && value >= before.value && value > 2 * latest.most;
}

/** Whether a series that appears may be a twin of a run that bears no name of its kind, and not the next run. */
function mayBeOf({ at, value }: Sample, { first, most }: OpenRun): boolean {
  return 2 * value >= most || at - first.at <= endedAfterMs;
}
