/**
 * Gives jsdom, which has no layout, what the controls of @grafana/ui measure: a size for every element, large enough that
 * virtual menus show all their options, and a width for texts.
 */
export function giveLayout(): void {
  const size = { width: 400, height: 2000, top: 0, left: 0, bottom: 2000, right: 400, x: 0, y: 0 };
  Element.prototype.getBoundingClientRect = () => ({ ...size, toJSON: () => size });
  for (const [side, value] of Object.entries({ Height: size.height, Width: size.width })) {
    for (const prefix of ['offset', 'client']) {
      Object.defineProperty(HTMLElement.prototype, `${prefix}${side}`, { configurable: true, value });
    }
  }
  const context = { measureText: (text: string) => ({ width: text.length * 8 }) };
  HTMLCanvasElement.prototype.getContext = (() => context) as unknown as HTMLCanvasElement['getContext'];
  class NoObserver {
    observe = () => undefined;
    unobserve = () => undefined;
    disconnect = () => undefined;
  }
  Object.assign(globalThis, { IntersectionObserver: NoObserver, ResizeObserver: NoObserver });
}
