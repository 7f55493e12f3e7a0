import { type Span } from '../../domain/span';
import { type LruStore } from '../cache/lruStore';
import { type Settling } from '../cache/settledWindows';
import { type Scraped } from './scraped';
import { assessSlots, type Slot, slotMs } from './slots';

/** Slots that were read, for whoever asks about the same ones. */
export class ScrapeSlotCache {
  /** @param question what shapes the slots beside the series and the time */
  constructor(
    private readonly store: LruStore<KeptSlots>,
    private readonly question: readonly string[],
    private readonly settling: Pick<Settling, 'now' | 'readAgain'>
  ) {}

  /** A span up to the end of the slot in which it ends, if that is over. */
  inWholeSlots({ start, end }: Span): Span {
    const slotEnd = Math.ceil(end / slotMs.up) * slotMs.up;
    return { start, end: slotEnd <= this.settling.now ? slotEnd : end };
  }

  get(span: Span, scraped: Scraped): readonly Slot[] | undefined {
    return this.settling.readAgain ? undefined : this.store.get(this.keyOf(span, scraped))?.slots;
  }

  /** Keeps slots unless they show a gap, which may be filled later. */
  keep(span: Span, scraped: Scraped, slots: readonly Slot[]): void {
    if (assessSlots(slots, scraped.minShare).gaps.length === 0) {
      this.store.set(this.keyOf(span, scraped), { slots, size: 1 + slots.length });
    }
  }

  /** The same for all spans that hold the same whole slots. */
  private keyOf({ start, end }: Span, { selector }: Scraped): string {
    const slot = slotMs.up;
    return JSON.stringify([...this.question, selector, Math.ceil(start / slot), Math.floor(end / slot)]);
  }
}

export interface KeptSlots {
  slots: readonly Slot[];
  size: number;
}
