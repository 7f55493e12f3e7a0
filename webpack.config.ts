import type { Configuration, RuleSetRule, RuleSetUseItem } from 'webpack';

import scaffoldConfig, { type Env } from './.config/webpack/webpack.config.ts';

/**
 * The scaffold's build with one change: what it compiles for. It writes ECMAScript 2015, in which optional chaining, spread
 * and async functions take several times the room; Grafana itself runs in nothing older than this. It is loaded through
 * tsx, so that it runs on Node 20 as well as on the Node 22 that the scaffold asks for.
 */
const target = 'es2022';

const config = async (env: Env): Promise<Configuration> => {
  const scaffold = await scaffoldConfig(env);
  const rules = (scaffold.module?.rules ?? []) as RuleSetRule[];
  return {
    ...scaffold,
    // As modern as the sources, or webpack's own code and Terser would lag behind.
    target: ['web', target],
    module: { ...scaffold.module, rules: rules.map(compiledFor) },
  };
};

function compiledFor(rule: RuleSetRule): RuleSetRule {
  const use = rule.use as Exclude<RuleSetUseItem, string> | undefined;
  if (typeof use !== 'object' || !('loader' in use) || use.loader !== 'swc-loader') {
    return rule;
  }
  const { jsc, ...options } = use.options as { jsc: object };
  return { ...rule, use: { ...use, options: { ...options, jsc: { ...jsc, target } } } };
}

export default config;
