/**
 * Judging in the page: the same code as everywhere, on demand. The first look needs none of it.
 * @module
 */
import { createSpace } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import { type Judged, judgeProfile } from '../judge-profile.ts';
import { isSameReading, type ReportReading } from '../reading.ts';
import { type ReportData, type ReportView, viewOf } from '../report-data.ts';
import { tableOfFacts } from '../table-facts.ts';
import { type Weighing, weighProfiles } from '../weigh-profiles.ts';

export interface Judge {
  /** The profile in a reading; the last one is kept. @throws OciSeccompError as `judgeProfile` */
  readonly judged: (reading: ReportReading) => Judged;
  /** @throws OciSeccompError as `judgeProfile` */
  readonly view: (reading: ReportReading) => ReportView;
  /** How a reading stands to the report's own; `undefined`: it is that one, or has no architecture in common with it. */
  readonly changes: (reading: ReportReading) => Weighing | undefined;
  /** The calls that each rule is in the filter for. */
  readonly callsOfRules: (reading: ReportReading) => ReadonlyMap<number, ReadonlySet<string>>;
}

export function createJudge(data: ReportData): Judge {
  const table = tableOfFacts(data.table);
  const views = new Map<string, ReportView>([[JSON.stringify(data.reading), data.view]]);
  let last: { readonly reading: ReportReading; readonly judged: Judged } | undefined;
  const judged = (reading: ReportReading): Judged => {
    if (last === undefined || !isSameReading(last.reading, reading)) {
      last = { reading, judged: judgeProfile(createSpace(), data.profile, reading, table) };
    }
    return last.judged;
  };
  return {
    judged,
    view: (reading) => {
      if (isSameReading(reading, data.reading)) return data.view;
      const key = JSON.stringify(reading);
      const known = views.get(key) ?? viewOf({ ...data, reading });
      views.set(key, known);
      return known;
    },
    changes: (reading) => {
      if (isSameReading(reading, data.reading)) return undefined;
      const space = createSpace();
      const before = judgeProfile(space, data.profile, data.reading, table);
      const after = judgeProfile(space, data.profile, reading, table);
      const both = after.architectures.filter((arch) => before.architectures.includes(arch));
      return both.length === 0 ? undefined : weighProfiles(space, before.root, after.root, both);
    },
    callsOfRules: (reading) => callsOfRules(judged(reading)),
  };
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

/** An error's message and what to do, in one text. @throws what is no error of ours */
export function textOfError(error: unknown): string {
  if (!(error instanceof OciSeccompError)) throw error;
  return error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
}
