/**
 * What is known of a container when its profile is chosen: its image, its labels and its annotations.
 *
 * Only the administrator knows whom to believe about images and labels. So a table of choices names its sources, and no
 * other source is asked. One row a source. Sources: Podman 4.3.1, tried; containerd at 301026e58, internal/cri/annotations and
 * server/container_create.go; CRI-O at f954a17e50, internal/factory/container/container.go.
 * @module
 */
import { basename, dirname } from 'node:path';
import { isRecord } from '../../abi/is-record.ts';
import { OciSeccompError } from '../../errors.ts';
import { quote } from '../../oci/read-json.ts';
import { readTrustedFile } from '../trusted-file.ts';

export interface ContainerFacts {
  readonly annotations: ReadonlyMap<string, string>;
  /** The bundle's folder; `undefined`: it is not told, as at `precreate`. */
  readonly bundle: string | undefined;
}

/** What a source says. `undefined`: it knows nothing of this container. */
type Told<T> = { readonly value: T; readonly from: string } | undefined;

interface Source<T> {
  /** The annotations it reads; they must be the same in the state and in config.json. */
  readonly keys: readonly string[];
  readonly read: (facts: ContainerFacts) => T | undefined;
}

const byAnnotation = (key: string): Source<string> => ({
  keys: [key],
  // CRI-O writes an empty name for an image without one.
  read: ({ annotations }) => annotations.get(key) || undefined,
});

const imageSources = {
  podman: { keys: [], read: imageOfPodman },
  containerd: byAnnotation('io.kubernetes.cri.image-name'),
  'cri-o': byAnnotation('io.kubernetes.cri-o.ImageName'),
} as const satisfies Record<string, Source<string>>;

const LABELS_OF_CRIO = 'io.kubernetes.cri-o.Labels';
const labelSources = {
  'cri-o': { keys: [LABELS_OF_CRIO], read: labelsOfCrio },
} as const satisfies Record<string, Source<ReadonlyMap<string, string>>>;

export type ImageSource = keyof typeof imageSources;
export type LabelSource = keyof typeof labelSources;
export const imageSourceNames = Object.keys(imageSources) as readonly ImageSource[];
export const labelSourceNames = Object.keys(labelSources) as readonly LabelSource[];

/** The annotations that sources read. */
export function keysOfSources(
  images: readonly ImageSource[],
  labels: readonly LabelSource[],
): readonly string[] {
  return [
    ...images.flatMap((name) => imageSources[name].keys),
    ...labels.flatMap((name) => labelSources[name].keys),
  ];
}

/** The name of a container's image. @throws OciSeccompError `ERR_HOOK` if two sources disagree; `ERR_IO` */
export function imageOf(facts: ContainerFacts, sources: readonly ImageSource[]): Told<string> {
  const told = sources.flatMap((from) => {
    const value = imageSources[from].read(facts);
    return value === undefined ? [] : [{ value, from }];
  });
  const [first] = told;
  const other = told.find(({ value }) => value !== first?.value);
  if (first === undefined || other === undefined) return first;
  throw new OciSeccompError(
    'ERR_HOOK',
    `${first.from} and ${other.from} say two names of the container's image: ${quote(first.value)} and ${quote(other.value)}`,
    { hint: 'leave out of "imageFrom" what does not make the containers of this machine' },
  );
}

/** The labels of a container. @throws OciSeccompError `ERR_HOOK` for labels that cannot be read */
export function labelsOf(
  facts: ContainerFacts,
  sources: readonly LabelSource[],
): Told<ReadonlyMap<string, string>> {
  for (const from of sources) {
    const value = labelSources[from].read(facts);
    if (value !== undefined) return { value, from };
  }
  return undefined;
}

/** Podman's bundles, and the list beside them, which containers/storage keeps: `<driver>-containers/ID/userdata`. */
function podmanStorage(
  bundle: string | undefined,
): { readonly list: string; readonly id: string } | undefined {
  if (bundle === undefined || basename(bundle) !== 'userdata') return undefined;
  const own = dirname(bundle);
  const folder = dirname(own);
  if (!/^[a-z]+-containers$/.test(basename(folder)) || !/^[0-9a-f]{64}$/.test(basename(own)))
    return undefined;
  return { list: `${folder}/containers.json`, id: basename(own) };
}

/** The file that says the image of a Podman container, for who checks that it is the same file for all. */
export function podmanList(bundle: string | undefined): string | undefined {
  return podmanStorage(bundle)?.list;
}

/** Podman tells the runtime nothing of the image. Its storage has the name: only root can write it, before the start. */
function imageOfPodman({ bundle }: ContainerFacts): string | undefined {
  const storage = podmanStorage(bundle);
  if (storage === undefined) return undefined;
  const entries = parseJson(readTrustedFile(storage.list, "Podman's list of containers"), storage.list);
  if (!Array.isArray(entries)) return undefined;
  const entry: unknown = entries.find((each: unknown) => isRecord(each) && each.id === storage.id);
  if (!isRecord(entry) || typeof entry.metadata !== 'string') return undefined;
  const metadata = parseJson(Buffer.from(entry.metadata), storage.list);
  const name = isRecord(metadata) ? metadata['image-name'] : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function labelsOfCrio({ annotations }: ContainerFacts): ReadonlyMap<string, string> | undefined {
  const text = annotations.get(LABELS_OF_CRIO);
  if (text === undefined) return undefined;
  const value = parseJson(Buffer.from(text), `the annotation ${LABELS_OF_CRIO}`);
  if (value === null) return new Map();
  if (!isRecord(value) || !Object.values(value).every((each) => typeof each === 'string')) {
    throw new OciSeccompError('ERR_HOOK', `the annotation ${LABELS_OF_CRIO} is not an object of strings`);
  }
  return new Map(Object.entries(value) as [string, string][]);
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new OciSeccompError('ERR_HOOK', `${name} is not JSON`, { cause });
  }
}
