import type { Configuration } from 'webpack';

import scaffoldConfig, { type Env } from './.config/webpack/webpack.config.ts';

/**
 * The scaffold's build as it stands. It is loaded through tsx, so that it runs on Node 20 as well as on the Node 22
 * that the scaffold asks for.
 */
const config = async (env: Env): Promise<Configuration> => scaffoldConfig(env);

export default config;
