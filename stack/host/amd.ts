type Factory = (...dependencies: unknown[]) => unknown;

/**
 * Runs the text of a plugin's module.js, an AMD module `define([name,] [dependencies,] factory)`, and returns its exports.
 * `modules` gives what the host shares, by name. Throws when the text never calls `define`.
 */
export function evaluateAmd(source: string, pluginId: string, modules: (name: string) => unknown): unknown {
  let result: { value: unknown } | undefined;
  const uri = `public/plugins/${pluginId}/module.js`;

  const define = (...parameters: unknown[]) => {
    const factory = parameters.at(-1);
    const names = parameters.find((parameter): parameter is string[] => Array.isArray(parameter)) ?? [];
    const exports = {};
    const dependencies = names.map((name) => {
      switch (name) {
        case 'module':
          return { id: uri, uri, exports };
        case 'exports':
          return exports;
        default:
          return modules(name);
      }
    });
    const value = typeof factory === 'function' ? (factory as Factory)(...dependencies) : factory;
    result = { value: value ?? exports };
  };

  // Not node:vm: the module has to see the globals of the caller's realm.
  const run = new Function('define', `${source}\n//# sourceURL=${uri}`);
  run(Object.assign(define, { amd: {} }));
  if (!result) {
    throw new Error(`${uri} is not an AMD module: it never called define().`);
  }
  return result.value;
}
