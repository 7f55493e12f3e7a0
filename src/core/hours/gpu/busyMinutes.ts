import { type Span } from '../../domain/span';
import { ExactSum } from '../../domain/sums';
import { partLabel } from '../../expr/promqlCpu';
import { sliceLabel, toldByUuid, toldLabel, usersLabel } from '../../expr/promqlGpu';
import { gpuIdentityOf, gpuUserOf, podLabel } from '../../expr/promqlPods';
import { type PromSeries } from '../../upstream/prometheus';
import { groupedBy } from '../grouped';
import { type SampledWindows } from '../template/sampled';
import { type MinuteValues, minutesOf, valueIn, windowAt } from './minutes';

/** A pod, or none, at a GPU or one slice of it, as one kind of exporter identifies it. */
interface User {
  pod: string;
  slice: string;
  told: string;
}

/**
 * Hours in which GPUs were busy, by the minute, as the `hours` of the template `busyGpu` gives them, from samples.
 */
export function busyFrom(
  series: readonly PromSeries[],
  { windows, lookBackMs, servicesNamespace }: SampledWindows
): PromSeries[] {
  const podOf = gpuUserOf(servicesNamespace);
  const hours = new Map<string, { labels: Record<string, string>; sums: Map<number, ExactSum> }>();
  for (const ofGpu of groupedBy(series, ({ labels }) => gpuIdentityOf(labels)).values()) {
    const users = usersOf(ofGpu, podOf, lookBackMs, windows);
    eachMinute(users, windows, (present, window) => {
      for (const { user, value } of present) {
        const { pod, slice, told } = user;
        const labels = {
          [partLabel]: 'hours',
          [podLabel]: pod,
          [usersLabel]: String(present.length),
          [sliceLabel]: slice,
          [toldLabel]: told,
        };
        const key = JSON.stringify(labels);
        const own = hours.get(key) ?? { labels: withoutEmpty(labels), sums: new Map<number, ExactSum>() };
        hours.set(key, own);
        const sum = own.sums.get(window) ?? new ExactSum();
        own.sums.set(window, sum.add(value));
      }
    });
  }
  return [...hours.values()].map(({ labels, sums }) => ({
    labels,
    samples: [...sums]
      .sort(([a], [b]) => a - b)
      .map(([window, sum]): [number, number] => [(windows[window]?.end ?? 0) - 1, sum.value / 6000]),
  }));
}

type Busy = MinuteValues & { user: User };

/** By the minute, how busy a GPU was for each of its users, the one that is first seen first. */
function usersOf(
  series: readonly PromSeries[],
  podOf: (labels: PromSeries['labels']) => string,
  backMs: number,
  windows: readonly Span[]
): Busy[] {
  const span = { start: windows[0]?.start ?? 0, end: windows[windows.length - 1]?.end ?? 0 };
  const users = groupedBy(series, ({ labels }) =>
    JSON.stringify([podOf(labels), labels[sliceLabel] ?? '', labels['UUID'] ? toldByUuid : (labels['Hostname'] ?? '')])
  );
  return [...users]
    .map(([key, twins]) => {
      const [pod, slice, told] = JSON.parse(key) as [string, string, string];
      const samples = twins.map((one) => one.samples);
      return { ...minutesOf(samples, backMs, span), user: { pod, slice, told } };
    })
    .sort((a, b) => a.first - b.first);
}

/** Visits the users of a GPU at each minute, without what an exporter that knows no pods reports beside one that does. */
function eachMinute(
  users: readonly Busy[],
  windows: readonly Span[],
  visit: (present: ReadonlyArray<{ user: User; value: number }>, window: number) => void
): void {
  const end = users.reduce((last, { first, values }) => Math.max(last, first + values.length), 0);
  let window = 0;
  let next = 0;
  let active: Busy[] = [];
  for (let minute = users[0]?.first ?? end; minute < end; minute += 1) {
    for (let user = users[next]; user && user.first <= minute; user = users[next]) {
      active.push(user);
      next += 1;
    }
    active = active.filter(({ first, values }) => minute < first + values.length);
    const seen = active
      .map((one) => ({ user: one.user, value: valueIn(one, minute) }))
      .filter(({ value }) => !Number.isNaN(value));
    const ofPods = seen.filter(({ user }) => user.pod !== '');
    window = windowAt(windows, minute, window);
    visit(ofPods.length > 0 ? ofPods : seen, window);
  }
}

function withoutEmpty(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
