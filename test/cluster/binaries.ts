import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { executable, run } from './exec.ts';
import { cacheFolder, type Size } from './folder.ts';
import { type GoModule, moduleFolder, moduleKey, requiredVersion } from './gomodules.ts';
import { lock } from './lock.ts';
import type { Progress } from './progress.ts';

/** Where each program comes from: its Go module here, and its package. */
const programs = {
  etcd: ['kubernetes', 'go.etcd.io/etcd/server/v3'],
  'kube-apiserver': ['kubernetes', 'k8s.io/kubernetes/cmd/kube-apiserver'],
  'kube-controller-manager': ['kubernetes', 'k8s.io/kubernetes/cmd/kube-controller-manager'],
  'kube-scheduler': ['kubernetes', 'k8s.io/kubernetes/cmd/kube-scheduler'],
  'kube-proxy': ['kubernetes', 'k8s.io/kubernetes/cmd/kube-proxy'],
  kubelet: ['kubernetes', 'k8s.io/kubernetes/cmd/kubelet'],
  kubectl: ['kubernetes', 'k8s.io/kubernetes/cmd/kubectl'],
  controller: ['knative', 'knative.dev/serving/cmd/controller'],
  webhook: ['knative', 'knative.dev/serving/cmd/webhook'],
  autoscaler: ['knative', 'knative.dev/serving/cmd/autoscaler'],
  activator: ['knative', 'knative.dev/serving/cmd/activator'],
  queue: ['knative', 'knative.dev/serving/cmd/queue'],
  kourier: ['knative', 'knative.dev/net-kourier/cmd/kourier'],
  pause: ['addons', './pause'],
  coredns: ['addons', './coredns'],
  echo: ['addons', './echo'],
  versitygw: ['storage', 'github.com/versity/versitygw/cmd/versitygw'],
  'fake-gcs-server': ['storage', 'github.com/fsouza/fake-gcs-server'],
  crane: ['registry', 'github.com/google/go-containerregistry/cmd/crane'],
  helm: ['tools', 'helm.sh/helm/v4/cmd/helm'],
  kubeconform: ['tools', 'github.com/yannh/kubeconform/cmd/kubeconform'],
  actionlint: ['tools', 'github.com/rhysd/actionlint/cmd/actionlint'],
  s5cmd: ['s5cmd', 'github.com/peak/s5cmd/v2'],
  'kserve-manager': ['kserve', 'github.com/kserve/kserve/cmd/manager'],
  kstatus: ['flux', './kstatus'],
  'flux-apply': ['flux', './flux-apply'],
  'argocd-health': ['argocd', './argocd-health'],
  'argocd-diff': ['argocd', './argocd-diff'],
} as const satisfies Record<string, readonly [GoModule, string]>;

export type Program = keyof typeof programs;

/** Those that build fastest first. */
const modules = [
  'addons',
  'storage',
  'registry',
  'tools',
  's5cmd',
  'flux',
  'argocd',
  'kserve',
  'kubernetes',
  'knative',
] as const satisfies readonly GoModule[];

/** Not for clusters, but for what is measured and tested beside them. */
const apart: readonly GoModule[] = ['storage', 'registry', 'tools', 's5cmd', 'kserve', 'flux', 'argocd'];

const controlPlane = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const;
const knativeProcesses = ['controller', 'webhook', 'autoscaler'] as const;

/** The paths of the programs that a cluster of that size needs. */
export type Binaries = Readonly<Record<Program, string>>;

export function programsOf(size: Size): readonly Program[] {
  return size === 'node'
    ? (Object.keys(programs) as Program[]).filter((name) => !apart.includes(programs[name][0]))
    : [...controlPlane, ...knativeProcesses, 'pause'];
}

/**
 * The paths of the programs, building those that the user's cache folder lacks. `assets` is a folder in the manner of
 * KUBEBUILDER_ASSETS, whose programs are taken instead.
 */
export async function findOrBuild(
  wanted: readonly Program[],
  progress: Progress,
  { assets, signal }: { assets?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Binaries> {
  const paths: Partial<Record<Program, string>> = {};
  const given = new Set<Program>(assets ? ['etcd', 'kube-apiserver', 'kubectl'] : []);
  for (const program of wanted.filter((name) => given.has(name))) {
    paths[program] = join(assets ?? '', program);
    if (!(await executable(paths[program]))) {
      throw new Error(
        `KUBEBUILDER_ASSETS is set to ${assets}, which has no ${program}: unset it, or add it there.`,
      );
    }
  }
  for (const module of modules) {
    const ofModule = wanted.filter((name) => programs[name][0] === module && !given.has(name));
    if (ofModule.length > 0) Object.assign(paths, await build(module, ofModule, progress, signal));
  }
  return paths as Binaries;
}

/** True when some of the programs would have to be built. */
export async function missing(wanted: readonly Program[]): Promise<boolean> {
  for (const module of modules) {
    const folder = await outputFolder(module);
    for (const program of wanted.filter((name) => programs[name][0] === module)) {
      if (!(await executable(join(folder, program)))) return true;
    }
  }
  return false;
}

async function build(
  module: GoModule,
  wanted: readonly Program[],
  { say, during }: Progress,
  signal?: AbortSignal,
): Promise<Partial<Record<Program, string>>> {
  const folder = await outputFolder(module);
  const paths = Object.fromEntries(wanted.map((program) => [program, join(folder, program)]));
  const absent = async (): Promise<Program[]> => {
    const there = await Promise.all(wanted.map((program) => executable(join(folder, program))));
    return wanted.filter((_, index) => !there[index]);
  };
  if ((await absent()).length === 0) return paths;
  const held = await lock(folder, () => say('another launcher is building: waiting for it'), signal);
  try {
    const names = await absent();
    if (names.length === 0) return paths;
    say(`building ${names.join(', ')} (once; ${effort(module)} on 2 cores)`);
    let compiled = 0;
    await mkdir(folder, { recursive: true });
    const scratch = await mkdtemp(join(folder, '.building-'));
    try {
      const packages = names.map((name) => programs[name][1]);
      const go = ['go', 'build', '-v', ...(await flags(module)), '-o', `${scratch}/`, ...packages];
      const onLine = (): void => {
        compiled += 1;
      };
      const building = run(go, { cwd: moduleFolder(module), env: { CGO_ENABLED: '0' }, signal, onLine });
      await during(() => `still building ${names.join(', ')}: ${compiled} packages so far`, building);
      for (const name of names) await rename(join(scratch, outputName(name)), join(folder, name));
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return paths;
  } finally {
    await held.release();
  }
}

const efforts: Partial<Record<GoModule, string>> = {
  storage: 'about 2 minutes',
  tools: 'about 2 minutes',
  s5cmd: 'about 2 minutes',
  flux: 'about 2 minutes',
  argocd: 'about 4 minutes',
  kserve: 'about 10 minutes',
};

const effort = (module: GoModule): string => efforts[module] ?? 'all of a node takes about 15 minutes';

async function outputFolder(module: GoModule): Promise<string> {
  return join(cacheFolder, 'bin', `${module}-${await moduleKey(module, await flags(module))}`);
}

/** `go build` names a program after its folder, a version suffix left out. */
function outputName(program: Program): string {
  return basename(programs[program][1].replace(/\/v\d+$/, ''));
}

async function flags(module: GoModule): Promise<string[]> {
  const symbols = ['-s', '-w'];
  if (module === 'kubernetes') {
    // Unset, the API server calls itself v0.0.0, which Knative refuses as too old.
    const version = await requiredVersion('kubernetes', 'k8s.io/kubernetes');
    const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
    const facts = {
      gitVersion: version,
      gitMajor: major,
      gitMinor: minor,
      gitTreeState: 'archive',
      gitCommit: 'unknown',
    };
    for (const path of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']) {
      for (const [name, value] of Object.entries(facts)) symbols.push('-X', `${path}.${name}=${value}`);
    }
  }
  return ['-buildvcs=false', '-ldflags', symbols.join(' ')];
}
