// What docker-compose.yaml must hold to, as rules that can be broken. Docker's own check, where there is Docker, says
// only whether the file can be read.

export interface ComposeService {
  image?: string;
  build?: unknown;
  ports?: string[];
  volumes?: string[];
  environment?: Record<string, string>;
  security_opt?: string[];
  cap_drop?: string[];
  read_only?: boolean;
  privileged?: boolean;
  pids_limit?: number;
  mem_limit?: string;
  user?: string;
  healthcheck?: { test?: unknown };
  depends_on?: Record<string, { condition: string }>;
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes?: Record<string, unknown>;
}

export interface ComposeRules {
  pluginId: string;
  /** Whether a path of the repository, relative to the file, is there. */
  exists: (path: string) => boolean;
}

/** Everything in the file that breaks a rule, as sentences; empty when nothing does. */
export function composeProblems(file: ComposeFile, rules: ComposeRules): string[] {
  const services = Object.entries(file.services);
  return [
    ...services.flatMap(([name, service]) => [
      ...portProblems(name, service),
      ...hardeningProblems(name, service),
      ...imageProblems(name, service),
      ...volumeProblems(name, service, file, rules),
      ...dependencyProblems(name, service, file),
    ]),
    ...grafanaProblems(file.services.grafana, rules),
  ];
}

function portProblems(name: string, { ports = [] }: ComposeService): string[] {
  return ports
    .filter((port) => !port.startsWith('127.0.0.1:'))
    .map((port) => `${name}: port ${port} is not on loopback`);
}

/** What a container could do that it does not need, and what it could use up. */
function hardeningProblems(name: string, service: ComposeService): string[] {
  const { security_opt: options = [], cap_drop: dropped = [], user = 'root' } = service;
  return [
    ...(options.includes('no-new-privileges:true') ? [] : [`${name}: may gain privileges`]),
    ...(dropped.includes('ALL') && service.privileged !== true ? [] : [`${name}: keeps capabilities`]),
    ...(service.read_only === true ? [] : [`${name}: may write to its image`]),
    ...(service.pids_limit !== undefined ? [] : [`${name}: has no limit of processes`]),
    ...(service.mem_limit !== undefined ? [] : [`${name}: has no limit of memory`]),
    ...(/^(?:root|0)(?::|$)/.test(user) ? [`${name}: runs as root`] : []),
  ];
}

/** A tag counts as pinned when it starts with a full version: `3.7.6`, `v3.13.5`, `22.20.0-bookworm-slim`. */
function imageProblems(name: string, { image }: ComposeService): string[] {
  const tag = withDefaults(image ?? '').split(':')[1] ?? '';
  return /^v?\d+\.\d+\.\d+/.test(tag) ? [] : [`${name}: image ${image ?? '(none)'} is not pinned to a version`];
}

/** The text with every `${NAME:-default}` replaced by its default. */
export function withDefaults(text: string): string {
  return text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
}

function volumeProblems(
  name: string,
  { volumes = [] }: ComposeService,
  file: ComposeFile,
  { exists }: ComposeRules
): string[] {
  return volumes.flatMap((volume) => {
    const [source = '', , mode] = volume.split(':');
    if (!source.startsWith('.')) {
      return source in (file.volumes ?? {}) ? [] : [`${name}: volume ${source} is not declared`];
    }
    return [
      ...(exists(source) ? [] : [`${name}: ${source} does not exist`]),
      ...(mode === 'ro' ? [] : [`${name}: ${source} is not mounted read-only`]),
    ];
  });
}

const waitsForEnd = 'service_completed_successfully';

function dependencyProblems(name: string, service: ComposeService, { services }: ComposeFile): string[] {
  const isOneShot = Object.values(services).some(
    ({ depends_on: dependencies }) => dependencies?.[name]?.condition === waitsForEnd
  );
  const unchecked = !isOneShot && service.healthcheck?.test === undefined;
  return [
    ...(unchecked ? [`${name}: has no health check`] : []),
    ...Object.entries(service.depends_on ?? {}).flatMap(([other, { condition }]) => [
      ...(other in services ? [] : [`${name}: depends on ${other}, which does not exist`]),
      ...(condition === 'service_healthy' || condition === waitsForEnd
        ? []
        : [`${name}: does not wait until ${other} works`]),
    ]),
  ];
}

function grafanaProblems(grafana: ComposeService | undefined, { pluginId }: ComposeRules): string[] {
  const { GF_SECURITY_ADMIN_PASSWORD: password = '', GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: unsigned = '' } =
    grafana?.environment ?? {};
  const mounts = (grafana?.volumes ?? []).map((volume) => volume.split(':')[1]);
  return [
    ...(/^\$\{GRAFANA_ADMIN_PASSWORD:\?.+\}$/.test(password)
      ? []
      : ['grafana: the password is not required from the environment']),
    ...(unsigned.split(',').includes(pluginId) ? [] : [`grafana: ${pluginId} is not allowed unsigned`]),
    ...(mounts.includes(`/var/lib/grafana/plugins/${pluginId}`) ? [] : [`grafana: ${pluginId} is not mounted`]),
    ...(mounts.includes('/etc/grafana/provisioning') ? [] : ['grafana: provisioning/ is not mounted']),
  ];
}
