/**
 * The problems of the profiles in files.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import type { DialectName } from '../../oci/dialect-rows.ts';
import { severityFor } from '../../oci/problems.ts';
import type { Dialect } from '../../oci/profile.ts';
import { type KubernetesObject, type ReadObjectResult, readProfiles } from '../../oci/read-profiles.ts';
import type { ContainerProfile, NodeFacts } from '../../oci/read-workloads.ts';
import { serializeProfile } from '../../oci/serialize.ts';
import { builtinProfile } from '../../pipeline/builtin-profile.ts';
import { asciiText, displayName, readInput } from '../../pipeline/read-input.ts';
import { type AskedReaders, readersOf } from '../../policy/profile-readers.ts';
import { expandOperand } from '../operands/operand-files.ts';
import type { ShownProblem } from '../render/render-problems.ts';

/** One profile's result, of which a file of Kubernetes objects has several; `failure` is set, and the rest empty, if it could not be read. */
export interface ProfileReport {
  readonly file: string;
  readonly object?: KubernetesObject;
  /** The containers of a pod, or of what makes pods. */
  readonly containers?: readonly ContainerProfile[];
  readonly dialect: Dialect | undefined;
  readonly problems: readonly ShownProblem[];
  readonly failure?: OciSeccompError;
}

interface ValidateOptions {
  readonly dialect: DialectName | undefined;
  readonly asked: AskedReaders;
  /** Whether gVisor's runsc reads the profiles; `only`: no other runtime does. */
  readonly runsc?: 'too' | 'only' | undefined;
  /** Report errors only. */
  readonly quiet: boolean;
  /** The nodes that pods run on. */
  readonly workloads: NodeFacts;
}

/** The reports of all files an operand stands for; one that stands for none is a failure of its own. */
export async function validateOperand(
  operand: string,
  options: ValidateOptions,
): Promise<readonly ProfileReport[]> {
  try {
    const reports: ProfileReport[] = [];
    for (const file of await expandOperand(operand)) reports.push(...(await validateFile(file, options)));
    return reports;
  } catch (error) {
    return [failed(displayName(operand), error)];
  }
}

async function validateFile(file: string, options: ValidateOptions): Promise<readonly ProfileReport[]> {
  const name = displayName(file);
  try {
    const { dialect, asked, quiet, runsc, workloads } = options;
    // A built-in is held to the same checks as a file, by way of the file it would be.
    const input = namesBuiltin(file)
      ? serializeProfile(await builtinProfile(file))
      : asciiText(readInput(file));
    const found = await readProfiles(input, {
      name,
      workloads,
      dialect,
    });
    const judged = found.map((each) => {
      const readers = readersOf(each.dialect ?? 'oci', asked);
      const problems: readonly ShownProblem[] = each.problems.map((problem) => {
        return { ...problem, severity: severityFor(problem, readers) };
      });
      return { ...each, problems };
    });
    if (runsc !== undefined) {
      const { withRunsc } = await import('./with-runsc.ts');
      for (const each of judged) each.problems = withRunsc(each, name, asked.hosts, runsc);
    }
    return judged.map(inWhole).map(({ problems, dialect: read, object, containers }) => ({
      file: name,
      ...(object === undefined ? {} : { object }),
      ...(containers === undefined ? {} : { containers }),
      dialect: read,
      problems: quiet ? problems.filter(({ severity }) => severity === 'error') : problems,
    }));
  } catch (error) {
    return [failed(name, error)];
  }
}

type Judged = Omit<ReadObjectResult, 'problems'> & { readonly problems: readonly ShownProblem[] };

/** What is said of an item of a list, with pointers that start at the list. */
function inWhole(judged: Judged): Judged {
  const { within, containers, problems } = judged;
  if (within === undefined) return judged;
  const placed = <Part extends { readonly pointer: string }>(part: Part): Part => {
    return { ...part, pointer: within + part.pointer };
  };
  return {
    ...judged,
    problems: problems.map(placed),
    ...(containers === undefined ? {} : { containers: containers.map(placed) }),
  };
}

function failed(file: string, error: unknown): ProfileReport {
  if (!(error instanceof OciSeccompError)) throw error;
  return { file, dialect: undefined, problems: [], failure: error };
}

export function isInvalid({ problems }: ProfileReport): boolean {
  return problems.some(({ severity }) => severity === 'error');
}
