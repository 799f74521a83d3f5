/**
 * Judging in the page, with the same code as everywhere, when it is needed. The first look needs none of it.
 * @module
 */
import { type DecidableProgram, decidePrograms } from '../../decision/answer-call.ts';
import { createSpace, leaf, type Node, type Space } from '../../decision/space.ts';
import { askWithin, createWork, workLeft } from '../../decision/work.ts';
import { OciSeccompError } from '../../errors.ts';
import type { CallQuestion } from '../asked-call.ts';
import { type Explanation, explainCall, isOpen } from '../explain-call.ts';
import { judgeCall } from '../judge-call.ts';
import { type Judged, judgeProfile } from '../judge-profile.ts';
import { isSameReading, type ReportReading } from '../reading.ts';
import { type ReportData, type ReportView, STEPS_A_LOOK, viewOf } from '../report-data.ts';
import { tableOfFacts } from '../table-facts.ts';
import { type Weighing, weighProfiles } from '../weigh-profiles.ts';

export interface Judge {
  /**
   * What becomes of a call in a reading; a call that was left undecided is decided for itself.
   *
   * @throws OciSeccompError as `judgeProfile`
   */
  readonly explain: (
    reading: ReportReading,
    asked: CallQuestion,
  ) => { readonly judged: Judged; readonly explanation: Explanation };
  /** @throws OciSeccompError as `judgeProfile` */
  readonly view: (reading: ReportReading) => ReportView;
  /** Compares a reading with the report's own; `undefined`: it is that one, or they have no architecture in common. */
  readonly changes: (reading: ReportReading) => Weighing | undefined;
  /** The calls that each rule is in the filter for. */
  readonly callsOfRules: (reading: ReportReading) => ReadonlyMap<number, ReadonlySet<string>>;
}

/** Share of the work of a look; the rest is for the report's own reading, and for comparing the two. */
const SHARE_OF_READING = 0.5;

/** A reading, and the report's own beside it in the same space. */
interface Look {
  readonly reading: ReportReading;
  readonly after: Judged;
  readonly before: Judged | undefined;
}

export function createJudge(data: ReportData): Judge {
  const table = tableOfFacts(data.table);
  let last: Look | undefined;
  const look = (reading: ReportReading): Look => {
    if (last !== undefined && isSameReading(last.reading, reading)) return last;
    const work = createWork(STEPS_A_LOOK);
    const space = createSpace({ work });
    const judged = askWithin(work, SHARE_OF_READING * workLeft(work), () =>
      judgeProfile(space, data.profile, reading, table),
    );
    const isOwn = isSameReading(reading, data.reading);
    const before = isOwn ? undefined : judgeProfile(space, data.profile, data.reading, table);
    last = { reading, after: isOwn ? asCompiled(judged, data) : judged, before };
    return last;
  };
  return {
    explain: (reading, asked) => {
      const { after } = look(reading);
      const found = explained(after, asked);
      // What the rules say of the call would not be what the program does.
      if (!isOpen(found.explanation) || after.subject.programs.length > 0) return found;
      return explained(judgeCall(after, asked), asked);
    },
    view: (reading) =>
      isSameReading(reading, data.reading)
        ? data.view
        : viewOf({ ...data, reading, judged: look(reading).after }),
    changes: (reading) => {
      if (isSameReading(reading, data.reading)) return undefined;
      const { before, after } = look(reading);
      if (before === undefined) return undefined;
      const both = after.architectures.filter((arch) => before.architectures.includes(arch));
      return both.length === 0 ? undefined : weighProfiles(after.space, before.root, after.root, both);
    },
    callsOfRules: (reading) => callsOfRules(look(reading).after),
  };
}

/** A reading as its program does it, if that is not what the profile says. */
function asCompiled(judged: Judged, { compiled }: ReportData): Judged {
  if (compiled === undefined) return judged;
  const { space, subject } = judged;
  const programs = [{ ...compiled, kernel: subject.work.host.kernel }];
  return { ...judged, root: decided(space, programs), subject: { ...subject, programs } };
}

function decided(space: Space, programs: readonly DecidableProgram[]): Node {
  try {
    return decidePrograms(space, programs);
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_UNDECIDED') throw error;
    return leaf(space, { kind: 'undecided', reason: 'the program is too complex' });
  }
}

function explained(judged: Judged, asked: CallQuestion) {
  return { judged, explanation: explainCall(judged.space, judged.root, judged.subject, asked) };
}

function callsOfRules({ subject, architectures }: Judged): ReadonlyMap<number, ReadonlySet<string>> {
  const { lowered, resolution } = subject.work;
  const found = new Map<number, Set<string>>();
  if (architectures.length === 0) return found;
  for (const { origin, syscall } of lowered.policy.rules) {
    const rule = resolution.origins[origin];
    if (rule === undefined) continue;
    const own = found.get(rule) ?? new Set();
    found.set(rule, own);
    own.add(syscall);
  }
  return found;
}

/** An error's message and what to do, in one text. @throws an error that is not ours */
export function textOfError(error: unknown): string {
  if (!(error instanceof OciSeccompError)) throw error;
  return error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
}
