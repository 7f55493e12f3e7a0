/**
 * Stands for @grafana/ui where nothing is ever drawn: whatever is taken from it, called or constructed is the placeholder
 * again. The data source itself must not need more; editors are drawn by a browser.
 */
export const uiPlaceholder: unknown = new Proxy(function placeholder() {}, {
  get(target, key): unknown {
    if (key === '__esModule') {
      return true;
    }
    // A `then` would make it a promise that never settles; symbols ask for conversions that have to stay primitive.
    return key === 'then' || typeof key === 'symbol' || key === 'prototype' ? Reflect.get(target, key) : uiPlaceholder;
  },
  apply: () => uiPlaceholder,
  construct: () => uiPlaceholder as object,
});
