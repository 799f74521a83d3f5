/**
 * Pods, and objects that make pods: which seccomp profile each container gets.
 *
 * Sources: Kubernetes (2025) pkg/kubelet/kuberuntime/helpers.go (`getSeccompProfile`, `fieldSeccompProfile`) for what
 * decides; pkg/apis/core/validation/validation.go (`validateSeccompProfileField`) for what is refused; containerd 2
 * internal/cri/sputil/seccomp_linux.go (`GenerateSeccompSpecOpts`), which adds no filter to a privileged container.
 * @module
 */
import { textIn } from './checks/check-kubernetes.ts';
import type { Member, Node, ObjectNode, Position } from './document.ts';
import { memberOf } from './object-view.ts';
import type { FoundProblem } from './problems.ts';
import { escapePointer, quote } from './read-json.ts';

/** What is known of the nodes that pods run on. */
export interface NodeFacts {
  /** The kubelet's `seccompDefault`: a container that asks for no profile gets RuntimeDefault. */
  readonly seccompDefault?: boolean | undefined;
  /** Whether there is a file at a path below the kubelet's seccomp folder; absent: nothing is said about missing files. */
  readonly hasProfile?: ((path: string) => boolean) | undefined;
}

/** The profile of a container, and what decides about it. */
export interface ContainerProfile {
  /** The container's name; empty if it has none. */
  readonly container: string;
  /** The list that the container is in. */
  readonly list: 'initContainers' | 'containers' | 'ephemeralContainers';
  /** `refused`: Kubernetes does not accept what is asked for. */
  readonly type: 'RuntimeDefault' | 'Unconfined' | 'Localhost' | 'refused';
  /** For Localhost, the path below the kubelet's seccomp folder. */
  readonly path?: string;
  /** What decides: the container's own field, the pod's, `privileged: true`, or the kubelet because there is no field. */
  readonly by: 'container' | 'pod' | 'privileged' | 'kubelet';
  /** JSON pointer of the container in its object. */
  readonly pointer: string;
}

/** Where each kind has its pod: the way to the object with `metadata` and `spec` of a pod. */
const templates: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ['template'],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};
const GROUPS: readonly string[] = ['', 'apps', 'batch'];
const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;
/**
 * Annotations that kubelets ignore since Kubernetes 1.25, and the API server since 1.27 (pull requests 109819 and 114947). A
 * container's name follows the second one.
 */
const ANNOTATION =
  /^(?:seccomp\.security\.alpha\.kubernetes\.io\/pod$|container\.seccomp\.security\.alpha\.kubernetes\.io\/)/;

/** Marks that Helm and other tools with templates replace before Kubernetes reads the object. */
const TEMPLATE = /\{\{.*?\}\}|\{%.*?%\}|\$\{\w+\}/;

/** A value below an object. */
interface Place {
  readonly node: Node;
  readonly pointer: string;
  /** Where its key starts. */
  readonly key: Position;
}

/** Tells whether an object is a pod, or makes pods. */
export function isWorkload(root: ObjectNode): boolean {
  const version = textIn(root, 'apiVersion') ?? '';
  const group = version.includes('/') ? version.slice(0, version.indexOf('/')) : '';
  return Object.hasOwn(templates, textIn(root, 'kind') ?? '') && GROUPS.includes(group);
}

/**
 * Reads the containers of a workload.
 *
 * @returns init containers, containers, ephemeral containers, in this order; and what is wrong with their profiles
 */
export function readWorkload(
  root: ObjectNode,
  facts: NodeFacts = {},
): { readonly containers: readonly ContainerProfile[]; readonly findings: readonly FoundProblem[] } {
  const findings: FoundProblem[] = [];
  const pod = follow(root, templates[textIn(root, 'kind') ?? ''] ?? []);
  for (const owner of pod === undefined || pod.node === root ? [whole(root)] : [whole(root), pod]) {
    findings.push(...legacyAnnotations(owner));
  }
  const spec = pod === undefined ? undefined : below(pod, 'spec');
  if (spec?.node.kind !== 'object') {
    const at = memberOf(root, 'kind')?.keyStart ?? root.start;
    return { containers: [], findings: [...findings, partial({ at, pointer: '/kind' })] };
  }
  const asked = askedBy(spec, findings);
  const windows = textIn(below(spec, 'os')?.node, 'name') === 'windows';
  const containers = LISTS.flatMap((list) =>
    elementsOf(spec, list).map((element) =>
      readContainer({ list, element, pod: asked, windows }, facts, findings),
    ),
  );
  if (windows && asked !== undefined) findings.push(onWindows(asked.field));
  if (containers.length === 0) {
    findings.push(partial({ at: spec.key, pointer: spec.pointer }));
  }
  return { containers, findings };
}

/** A `seccompProfile` with what it asks for. */
interface Asked {
  readonly field: Place;
  readonly type: ContainerProfile['type'];
  readonly path?: string;
}

interface Container {
  readonly list: ContainerProfile['list'];
  readonly element: Place;
  readonly pod: Asked | undefined;
  readonly windows: boolean;
}

function readContainer(
  { list, element, pod, windows }: Container,
  facts: NodeFacts,
  findings: FoundProblem[],
): ContainerProfile {
  const name = textIn(element.node, 'name') ?? '';
  const found = { container: name, list, pointer: element.pointer };
  const own = askedBy(element, findings);
  const asked = own ?? pod;
  if (windows) {
    if (own !== undefined) findings.push(onWindows(own.field));
    return { ...found, type: asked === undefined ? 'Unconfined' : 'refused', by: decidedBy(own, pod) };
  }
  const context = below(element, 'securityContext');
  const privileged = context === undefined ? undefined : below(context, 'privileged');
  if (privileged?.node.kind === 'boolean' && privileged.node.value) {
    findings.push(isPrivileged(name, privileged, asked, own !== undefined));
    return { ...found, type: 'Unconfined', by: 'privileged' };
  }
  const type = asked?.type ?? (facts.seccompDefault === true ? 'RuntimeDefault' : 'Unconfined');
  if (type === 'Unconfined') findings.push(isUnconfined(name, asked?.field ?? element, asked !== undefined));
  const { path } = asked ?? {};
  if (path !== undefined && facts.hasProfile?.(path) === false) {
    const place = asked === undefined ? element : (below(asked.field, 'localhostProfile') ?? asked.field);
    findings.push(isMissing(name, path, place));
  }
  return { ...found, type, by: decidedBy(own, pod), ...(path === undefined ? {} : { path }) };
}

/** How deep an object of an unknown kind is searched; Knative has its containers at 5, CronJob at 7. */
const MAX_SEARCH_DEPTH = 12;

/**
 * Looks for containers in an object of a kind that is not known here: Argo's Rollout, Knative's Service, OpenShift's
 * DeploymentConfig. Whoever makes pods of it may change them or refuse some, so nothing is said about their profiles.
 *
 * @returns what was not looked at; `undefined` if it has no containers
 */
export function unreadWorkload(root: ObjectNode): FoundProblem | undefined {
  if (!hasContainers(root, MAX_SEARCH_DEPTH)) return undefined;
  const kind = textIn(root, 'kind') ?? '';
  const version = textIn(root, 'apiVersion') ?? '';
  return {
    code: 'workload-unread',
    at: memberOf(root, 'kind')?.value.start ?? root.start,
    pointer: '/kind',
    message: `nothing is known here of kind ${quote(kind)} in ${quote(version)}: its containers were not looked at`,
    hint: 'lint the pods that are made of it: kubectl get pods -o yaml > FILE',
  };
}

function hasContainers(node: Node, depth: number): boolean {
  if (depth === 0) return false;
  if (node.kind === 'array') return node.elements.some((each) => hasContainers(each, depth - 1));
  if (node.kind !== 'object') return false;
  return node.members.some(({ key, value }) => {
    if (key === 'container' && textIn(value, 'image') !== undefined) return true;
    if (
      key === 'containers' &&
      value.kind === 'array' &&
      value.elements.some(({ kind }) => kind === 'object')
    )
      return true;
    return hasContainers(value, depth - 1);
  });
}

function decidedBy(own: Asked | undefined, pod: Asked | undefined): ContainerProfile['by'] {
  if (own !== undefined) return 'container';
  return pod === undefined ? 'kubelet' : 'pod';
}

/** What the `securityContext` of a pod's spec or of a container asks for; nothing if it has no profile. */
function askedBy(owner: Place, findings: FoundProblem[]): Asked | undefined {
  const context = below(owner, 'securityContext');
  const field = context === undefined ? undefined : below(context, 'seccompProfile');
  if (field === undefined) return undefined;
  const wrong = checkField(field);
  if (wrong !== undefined) {
    findings.push(refusal(wrong));
    return { field, type: 'refused' };
  }
  const type = textIn(field.node, 'type') as ContainerProfile['type'];
  const path = textIn(field.node, 'localhostProfile');
  return { field, type, ...(path === undefined ? {} : { path }) };
}

type Wrong = Pick<FoundProblem, 'at' | 'pointer' | 'message' | 'hint'>;

function checkField(field: Place): Wrong | undefined {
  const { pointer } = field;
  const type = below(field, 'type');
  const written = textIn(field.node, 'type');
  const path = below(field, 'localhostProfile');
  for (const place of [type, path]) {
    const text = place?.node.kind === 'string' ? TEMPLATE.exec(place.node.value)?.[0] : undefined;
    if (place === undefined || text === undefined) continue;
    const message = `the seccompProfile has a mark of a template, ${quote(text)}`;
    const hint = 'render the template first and give the result: helm template CHART > FILE';
    return { at: place.node.start, pointer: place.pointer, message, hint };
  }
  if (written !== 'Localhost' && written !== 'RuntimeDefault' && written !== 'Unconfined') {
    const said =
      type?.node.kind === 'string'
        ? `${quote(type.node.value)} is no type of a seccompProfile`
        : 'the seccompProfile has no type';
    const hint = 'types are RuntimeDefault, Localhost and Unconfined';
    return { at: type?.node.start ?? field.key, pointer: type?.pointer ?? pointer, message: said, hint };
  }
  if (written !== 'Localhost') {
    if (path === undefined) return undefined;
    const message = `localhostProfile does not go with type ${written}`;
    return { at: path.key, pointer: path.pointer, message, hint: 'remove it, or set type Localhost' };
  }
  const name = textIn(field.node, 'localhostProfile') ?? '';
  if (name === '') {
    const hint = "set localhostProfile, a path below the kubelet's seccomp folder";
    return {
      at: path?.key ?? field.key,
      pointer: path?.pointer ?? pointer,
      message: 'type Localhost names no file',
      hint,
    };
  }
  if (!name.startsWith('/') && !name.split('/').includes('..')) return undefined;
  const message = `localhostProfile ${quote(name)} leads out of the kubelet's seccomp folder`;
  const hint = 'write a path below that folder, without a leading / and without ..';
  return { at: path?.node.start ?? field.key, pointer: path?.pointer ?? pointer, message, hint };
}

function refusal(wrong: Wrong): FoundProblem {
  return { code: 'workload-refused', ...wrong, message: `${wrong.message}: Kubernetes refuses the object` };
}

/** A patch that kustomize merges into another object is not whole: nothing can be said about its containers. */
function partial(where: Pick<FoundProblem, 'at' | 'pointer'>): FoundProblem {
  const message = 'there are no containers in here: Kubernetes refuses the object, unless it is a patch';
  const hint = 'lint what kubectl kustomize prints';
  return { code: 'workload-refused', severity: 'warning', ...where, message, hint };
}

function isUnconfined(name: string, place: Place, isAsked: boolean): FoundProblem {
  const message = isAsked
    ? `container ${quote(name)} runs without a seccomp filter: type Unconfined`
    : `container ${quote(name)} names no seccomp profile: it runs without a filter, unless the kubelet sets seccompDefault`;
  const hint =
    'set securityContext.seccompProfile, with type RuntimeDefault or Localhost, in the pod or the container';
  return {
    code: 'workload-unconfined',
    at: isAsked ? place.key : place.node.start,
    pointer: place.pointer,
    message,
    hint,
  };
}

function isPrivileged(
  name: string,
  { key, pointer }: Place,
  asked: Asked | undefined,
  isOwn: boolean,
): FoundProblem {
  const filtered = asked !== undefined && asked.type !== 'Unconfined';
  const message = filtered
    ? `container ${quote(name)} is privileged: the seccompProfile of the ${isOwn ? 'container' : 'pod'} does not apply to it`
    : `container ${quote(name)} runs without a seccomp filter: it is privileged`;
  const hint = 'remove privileged: true, and add only the capabilities that the container needs';
  return {
    code: filtered ? 'workload-profile-ignored' : 'workload-unconfined',
    at: key,
    pointer,
    message,
    hint,
  };
}

function isMissing(name: string, path: string, { node, pointer }: Place): FoundProblem {
  const message = `container ${quote(name)} cannot start: there is no profile ${quote(path)} in the given folder`;
  const hint =
    "put the file there: paths start at the kubelet's seccomp folder, usually /var/lib/kubelet/seccomp";
  return { code: 'workload-profile-missing', at: node.start, pointer, message, hint };
}

function onWindows({ key, pointer }: Place): FoundProblem {
  const message = 'a pod for Windows cannot have a seccompProfile';
  return refusal({ at: key, pointer, message, hint: 'remove it, or set os.name to linux' });
}

function legacyAnnotations(owner: Place): readonly FoundProblem[] {
  const metadata = below(owner, 'metadata');
  const annotations = metadata === undefined ? undefined : below(metadata, 'annotations');
  if (annotations?.node.kind !== 'object') return [];
  return annotations.node.members
    .filter(({ key }) => ANNOTATION.test(key))
    .map((member: Member) => ({
      code: 'workload-profile-ignored',
      at: member.keyStart,
      pointer: `${annotations.pointer}/${escapePointer(member.key)}`,
      message: `Kubernetes 1.27 and later ignores the annotation ${quote(member.key)}`,
      hint: 'set securityContext.seccompProfile in the pod or the container instead',
    }));
}

function whole(root: ObjectNode): Place {
  return { node: root, pointer: '', key: root.start };
}

function follow(root: ObjectNode, way: readonly string[]): Place | undefined {
  let place: Place | undefined = whole(root);
  for (const key of way) place = place === undefined ? undefined : below(place, key);
  return place;
}

/** The value under a key; `null` is absent. */
function below({ node, pointer }: Place, key: string): Place | undefined {
  const member = node.kind === 'object' ? memberOf(node, key) : undefined;
  if (member === undefined || member.value.kind === 'null') return undefined;
  return { node: member.value, pointer: `${pointer}/${escapePointer(key)}`, key: member.keyStart };
}

function elementsOf(owner: Place, key: string): readonly Place[] {
  const list = below(owner, key);
  if (list?.node.kind !== 'array') return [];
  return list.node.elements.map((node, i) => ({ node, pointer: `${list.pointer}/${i}`, key: node.start }));
}
