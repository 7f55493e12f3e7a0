import { lengthOf, type Span } from '../../domain/span';

const hourMs = 3_600_000;

/** Length of the stretches that volumes are known by: long ones cost Loki little, and a day is made of eight. */
export const volumeStepMs = 3 * hourMs;

/** How many bytes of log there are, by stretches of time: foretells how the lines of a range are spread. */
export class Volumes {
  private readonly bytes = new Map<number, number>();

  /**
   * @param span whole stretches that were asked for
   * @param volumes end of a stretch and its bytes; a stretch that is not among them has none
   */
  add(span: Span, volumes: ReadonlyArray<readonly [number, number]>): void {
    for (let start = span.start; start < span.end; start += volumeStepMs) {
      this.bytes.set(start, 0);
    }
    for (const [end, bytes] of volumes) {
      this.bytes.set(end - volumeStepMs, bytes);
    }
  }

  /** Bytes in a span; a stretch counts by the share of it that lies inside. Undefined where some are not known. */
  bytesIn(span: Span): number | undefined {
    let sum = 0;
    for (let start = stretchOf(span.start); start < span.end; start += volumeStepMs) {
      const bytes = this.bytes.get(start);
      if (bytes === undefined) {
        return undefined;
      }
      const inside = { start: Math.max(start, span.start), end: Math.min(start + volumeStepMs, span.end) };
      sum += (bytes * lengthOf(inside)) / volumeStepMs;
    }
    return sum;
  }
}

/** The whole stretches around a span. */
export function stretchesAround({ start, end }: Span): Span {
  return { start: stretchOf(start), end: stretchOf(end - 1) + volumeStepMs };
}

function stretchOf(time: number): number {
  return Math.floor(time / volumeStepMs) * volumeStepMs;
}
