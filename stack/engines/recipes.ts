import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { pinnedVersion, prometheusRelease, type Version } from './versions';

/** How one engine is built from its pinned module, and which ready-made binaries can stand in for it. */
export interface Recipe {
  name: 'loki' | 'prometheus' | 'victoria-metrics' | 'collector';
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
    commands: 'cmd',
    programs: ['loki'],
    tags: 'netgo',
    versionVariable: 'github.com/grafana/loki/v3/pkg/util/build.Version',
    coldBuildMinutes: 8,
    accepted: '3.7.x',
    accepts: ({ major, minor }) => major === 3 && minor === 7,
  });
}

export async function prometheusRecipe(): Promise<Recipe> {
  return recipe({
    name: 'prometheus',
    module: 'github.com/prometheus/prometheus',
    commands: 'cmd',
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

/** 1.151 is the last version that Go 1.26 builds. */
export async function victoriaMetricsRecipe(): Promise<Recipe> {
  return recipe({
    name: 'victoria-metrics',
    module: 'github.com/VictoriaMetrics/VictoriaMetrics',
    commands: 'app',
    programs: ['victoria-metrics'],
    tags: 'netgo',
    versionVariable: 'github.com/VictoriaMetrics/VictoriaMetrics/lib/buildinfo.Version',
    stampOf: (version) => `victoria-metrics-v${version}`,
    coldBuildMinutes: 1,
    accepted: '1.151 or a later 1.x',
    accepts: ({ major, minor }) => major === 1 && minor >= 151,
  });
}

/** The program of collector/main.go, with Promtail's packages of the pinned Loki. */
export async function collectorRecipe(): Promise<Recipe> {
  return recipe({
    name: 'collector',
    module: 'github.com/grafana/loki/v3',
    programs: ['oscar-collector'],
    sourceFiles: ['main.go'],
    tags: 'netgo',
    versionVariable: 'github.com/grafana/loki/v3/pkg/util/build.Version',
    coldBuildMinutes: 4,
    accepted: 'none but the one that is built',
    accepts: () => false,
  });
}

interface Ingredients extends Pick<Recipe, 'name' | 'programs' | 'coldBuildMinutes' | 'accepted' | 'accepts'> {
  module: string;
  /** The module's folder of programs; absent where the program is here. */
  commands?: string;
  /** Sources of a program that is here. */
  sourceFiles?: readonly string[];
  tags: string;
  versionVariable: string;
  /** Default: the module's version is the release. */
  releaseOf?(moduleVersion: string): string;
  /** What the program is to report for a release. Default: the release alone. */
  stampOf?(version: string): string;
}

async function recipe(ingredients: Ingredients): Promise<Recipe> {
  const { name, module, commands, programs, tags, versionVariable } = ingredients;
  const { coldBuildMinutes, accepted, accepts, sourceFiles = [] } = ingredients;
  const moduleDirectory = join(here, name);
  const goMod = await readFile(join(moduleDirectory, 'go.mod'), 'utf8');
  const goSum = await readFile(join(moduleDirectory, 'go.sum'), 'utf8');
  const sources = await Promise.all(sourceFiles.map((file) => readFile(join(moduleDirectory, file), 'utf8')));
  const moduleVersion = pinnedVersion(goMod, module);
  const version = ingredients.releaseOf?.(moduleVersion) ?? moduleVersion;
  const stamp = ingredients.stampOf?.(version) ?? version;
  const buildArguments = [
    'build',
    '-tags',
    tags,
    // Binaries built outside of the project's own release process would report no version at all.
    '-ldflags',
    `-s -w -X ${versionVariable}=${stamp}`,
    ...(commands === undefined ? ['.'] : programs.map((program) => `${module}/${commands}/${program}`)),
  ];
  return {
    name,
    programs,
    moduleDirectory,
    version,
    buildArguments,
    cacheKey: cacheKey({ version, sources: [goMod, goSum, ...sources, ...buildArguments] }),
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
