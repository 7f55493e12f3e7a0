// npm run manifests: holds every manifest of deploy/kubernetes against the schemas of Kubernetes, and every container against the rules of
// the pod security standard "restricted", but for what its namespace allows. Schemas and tool come from a Python package, which goes
// into .manifests-env/.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseAllDocuments } from 'yaml';

import { ensureEnvironment } from './python.mjs';
import { repositoryRoot, run } from './setup.mjs';

/** The oldest version that is still maintained, and the newest of the package. */
const versions = ['1.34', '1.37'];
/** A configuration of kind's, for which Kubernetes has no schema. */
const foreign = ['kind-cluster.yaml'];

const folder = 'deploy/kubernetes';
const files = readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && !foreign.includes(file))
  .map((file) => join(folder, file));

/** What a manifest does that it need not do, as sentences. */
function problemsOf({ kind, metadata, spec }) {
  const pod = kind === 'CronJob' ? spec.jobTemplate.spec.template.spec : spec?.template?.spec;
  const readsFilesOfTheNode = metadata?.namespace === 'oscar-collector';
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].flatMap((container) => {
    const own = { ...pod.securityContext, ...container.securityContext };
    const rules = [
      [own.allowPrivilegeEscalation === false, 'may gain privileges'],
      [own.readOnlyRootFilesystem === true, 'may write to its image'],
      [own.capabilities?.drop?.includes('ALL') && !own.capabilities.add, 'keeps capabilities'],
      [own.seccompProfile?.type === 'RuntimeDefault', 'has no seccomp profile'],
      [readsFilesOfTheNode || own.runAsNonRoot === true, 'may run as root'],
      [container.resources?.limits?.memory && container.resources?.requests?.cpu, 'has no limits of resources'],
      [!/:latest$/.test(container.image) && !container.image.endsWith(':'), 'has an image that moves'],
    ];
    return rules
      .filter(([holds]) => !holds)
      .map(([, problem]) => `${kind} ${metadata.name}: ${container.name} ${problem}`);
  });
}

async function check() {
  const python = await ensureEnvironment('.manifests-env', 'deploy/requirements.txt');
  for (const version of versions) {
    await run(join(python, '../kubernetes-validate'), ['--strict', '--quiet', '-k', version, ...files]);
  }
  const manifests = files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(repositoryRoot, file), 'utf8')).map((document) => document.toJS())
  );
  const problems = manifests.flatMap(problemsOf);
  if (problems.length > 0) {
    throw new Error(problems.join('\n'));
  }
  console.log(
    `${manifests.length} manifests of ${files.length} files are valid for Kubernetes ${versions.join(' and ')}`
  );
}

check().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
