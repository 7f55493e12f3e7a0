export interface Version {
  major: number;
  minor: number;
  patch: number;
}

/** The first `major.minor[.patch]` in a text such as a program's `--version`, or undefined. */
export function findVersion(text: string): Version | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match === null
    ? undefined
    : { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

/** Whether a version has the same major number and is at least `lowest.minor`. */
export function isAtLeast(version: Version, lowest: { major: number; minor: number }): boolean {
  return version.major === lowest.major && version.minor >= lowest.minor;
}

/**
 * What a program says about itself in the form of Go's Prometheus tools, `<name>, version <version> (…)`, or in that of
 * VictoriaMetrics, `<name>-…-v<version>…`. Undefined when another program answers to that name, or when it was built
 * without a version.
 */
export function reportedVersion(name: string, output: string): Version | undefined {
  const match = new RegExp(`^${name}(?:, version |-(?:\\S*-)?v)(\\S+)`, 'm').exec(output);
  return match?.[1] === undefined ? undefined : findVersion(match[1]);
}

/**
 * The version that a go.mod requires of a module, without its leading `v`.
 * @throws Error when the module is not required there.
 */
export function pinnedVersion(goMod: string, module: string): string {
  for (const line of goMod.split('\n')) {
    const [path, version] = line
      .replace(/^require\s/, '')
      .trim()
      .split(/\s+/);
    if (path === module && version?.startsWith('v')) {
      return version.slice(1);
    }
  }
  throw new Error(`go.mod does not require ${module}`);
}

/**
 * Prometheus' release number of a version of its Go module: release 3.13.5 is published as module version 0.313.5,
 * because the module never promised a stable interface.
 */
export function prometheusRelease(moduleVersion: string): string {
  const match = /^0\.(\d)(\d{2})\.(\d+)$/.exec(moduleVersion);
  if (match === null) {
    throw new Error(
      `"${moduleVersion}" is not a release of the Prometheus module (0.<major><two-digit minor>.<patch>)`
    );
  }
  return `${match[1]}.${Number(match[2])}.${match[3]}`;
}
