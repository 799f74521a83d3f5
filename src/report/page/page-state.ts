/**
 * What the reader of the page has chosen. Listeners are told when that changes.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import type { VerdictName } from '../call-cells.ts';
import type { ReportReading } from '../reading.ts';
import type { ReportData, ReportView } from '../report-data.ts';
import type { Weighing } from '../weigh-profiles.ts';

export interface PageState {
  readonly reading: ReportReading;
  /** The view of the reading, or of the last one that could be judged. */
  readonly view: ReportView;
  /** Why the reading could not be judged; `undefined`: it was. */
  readonly failure: string | undefined;
  /** What the reading changes, compared with the one that the report was made for. */
  readonly changes: Weighing | undefined;
  /** The tab. */
  readonly arch: ArchName;
  readonly layout: 'matrix' | 'table';
  readonly search: string;
  readonly hidden: ReadonlySet<VerdictName>;
  /** The call that the panel is about. */
  readonly syscall: string | undefined;
  /** The rule whose cells are marked, index into `Profile.rules`. */
  readonly rule: number | undefined;
  /** The profile whose differences are listed. */
  readonly diff: string | undefined;
  /** Show no call that is the same in both. */
  readonly onlyChanged: boolean;
  /** Show no call but dangerous ones that get through. */
  readonly onlyDangerous: boolean;
}

export interface Store {
  readonly get: () => PageState;
  /** Changes a part, then tells everyone what it was before. */
  readonly set: (change: Partial<PageState>) => void;
  readonly subscribe: (listener: (state: PageState, before: PageState) => void) => void;
}

export function createStore(data: ReportData): Store {
  const { reading, view } = data;
  let state: PageState = {
    reading,
    view,
    failure: undefined,
    changes: undefined,
    arch: view.cells[0]?.arch ?? reading.arch,
    layout: 'matrix',
    search: '',
    hidden: new Set(),
    syscall: undefined,
    rule: undefined,
    diff: data.against?.name,
    onlyChanged: data.against !== undefined,
    onlyDangerous: false,
  };
  const listeners: ((state: PageState, before: PageState) => void)[] = [];
  return {
    get: () => state,
    set: (change) => {
      const before = state;
      state = { ...state, ...change };
      for (const listener of listeners) listener(state, before);
    },
    subscribe: (listener) => {
      listeners.push(listener);
    },
  };
}
