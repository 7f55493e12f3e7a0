import React, { type ComponentType, lazy, type ReactElement, Suspense } from 'react';

/**
 * A component that is loaded when it is first drawn, as a file of its own: dashboards need no editor. Only React is
 * needed for it, so that what runs without a browser can import it.
 */
export function lazily<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>
): (props: Props) => ReactElement {
  const Loaded = lazy(load) as unknown as ComponentType<Props>;
  return function Lazily(props: Props) {
    return (
      <Suspense fallback={<span role="status">Loading…</span>}>
        <Loaded {...props} />
      </Suspense>
    );
  };
}
