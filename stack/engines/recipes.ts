import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { pinnedVersion, prometheusRelease, type Version } from './versions';

/** How one engine is built from its pinned module, and which ready-made binaries can stand in for it. */
export interface Recipe {
  name: 'loki' | 'prometheus';
  /** Programs that one build yields. */
  programs: readonly string[];
  /** The folder with go.mod and go.sum. */
  moduleDirectory: string;
  /** Release number, such as `3.7.6`. */
  version: string;
  /** Arguments of `go` without the output. */
  buildArguments: readonly string[];
  /** Names the exact source and recipe, the system and the processor: another pin is another name. */
  cacheKey: string;
  /** Measured on two cores with an empty build cache. */
  coldBuildMinutes: number;
  /** For people: which ready-made versions will do. */
  accepted: string;
  accepts(version: Version): boolean;
}

const here = dirname(fileURLToPath(import.meta.url));

/** Loki's limits and answers are what the plugin is tested against, so the minor version must be the pinned one. */
export async function lokiRecipe(): Promise<Recipe> {
  return recipe({
    name: 'loki',
    module: 'github.com/grafana/loki/v3',
    programs: ['loki'],
    tags: 'netgo',
    versionVariable: 'github.com/grafana/loki/v3/pkg/util/build.Version',
    releaseOf: (moduleVersion) => moduleVersion,
    coldBuildMinutes: 8,
    accepted: '3.7.x',
    accepts: ({ major, minor }) => major === 3 && minor === 7,
  });
}

export async function prometheusRecipe(): Promise<Recipe> {
  return recipe({
    name: 'prometheus',
    module: 'github.com/prometheus/prometheus',
    programs: ['prometheus', 'promtool'],
    // Service discovery of the clouds is half of the build and of no use on a loopback address.
    tags: 'netgo,remove_all_sd',
    versionVariable: 'github.com/prometheus/common/version.Version',
    releaseOf: prometheusRelease,
    coldBuildMinutes: 4,
    accepted: '3.13 or a later 3.x',
    accepts: ({ major, minor }) => major === 3 && minor >= 13,
  });
}

interface Ingredients extends Pick<Recipe, 'name' | 'programs' | 'coldBuildMinutes' | 'accepted' | 'accepts'> {
  module: string;
  tags: string;
  versionVariable: string;
  releaseOf(moduleVersion: string): string;
}

async function recipe(ingredients: Ingredients): Promise<Recipe> {
  const { name, module, programs, tags, versionVariable, releaseOf, coldBuildMinutes, accepted, accepts } = ingredients;
  const moduleDirectory = join(here, name);
  const goMod = await readFile(join(moduleDirectory, 'go.mod'), 'utf8');
  const goSum = await readFile(join(moduleDirectory, 'go.sum'), 'utf8');
  const version = releaseOf(pinnedVersion(goMod, module));
  const buildArguments = [
    'build',
    '-tags',
    tags,
    // Binaries built outside of the project's own release process would report no version at all.
    '-ldflags',
    `-s -w -X ${versionVariable}=${version}`,
    ...programs.map((program) => `${module}/cmd/${program}`),
  ];
  return {
    name,
    programs,
    moduleDirectory,
    version,
    buildArguments,
    cacheKey: cacheKey({ version, sources: [goMod, goSum, ...buildArguments] }),
    coldBuildMinutes,
    accepted,
    accepts,
  };
}

/** `<version>-<12 hex digits of the sources>-<system>-<processor>`. */
export function cacheKey(input: {
  version: string;
  sources: readonly string[];
  platform?: string;
  arch?: string;
}): string {
  const { version, sources, platform = process.platform, arch = process.arch } = input;
  const hash = createHash('sha256');
  for (const source of sources) {
    hash.update(`${source.length}:${source}`);
  }
  return `${version}-${hash.digest('hex').slice(0, 12)}-${platform}-${arch}`;
}
