/**
 * The settings: machine, container, engine and runtime. The page reads the profile again for each, and says what changed.
 * @module
 */
import { type ArchName, allArchitectures } from '../../abi/architectures.ts';
import { type CapabilitySet, capabilities, capabilitySets } from '../../abi/capabilities.ts';
import { capabilitySetOf } from '../../abi/capability-set.ts';
import { formatKernel, isOlderKernel, type KernelVersion } from '../../abi/kernel-version.ts';
import { type Engine, engines, markRuntime, runtimeSpellings } from '../../consumers.ts';
import type { Profile } from '../../oci/profile.ts';
import { askedKernels } from '../../oci/resolve/asked-kernels.ts';
import { isSameReading, type ReportReading } from '../reading.ts';
import type { ReportData } from '../report-data.ts';
import { namesChanged } from '../weigh-profiles.ts';
import { type Child, choice, count, fill, h, nameList } from './dom.ts';
import { type Judge, textOfError } from './judge-here.ts';
import type { Store } from './page-state.ts';

export function makeSettings(data: ReportData, store: Store, judge: Judge): HTMLElement {
  const outcome = h('p', { class: 'outcome', role: 'status', 'aria-live': 'polite' });
  const bar = h('div', { class: 'fields' });
  const apply = (change: Partial<ReportReading>): void => {
    const reading = { ...store.get().reading, ...change };
    // `undefined` means the part is not there, and JSON has no other way to say it.
    if (change.engine === undefined && 'engine' in change) delete (reading as { engine?: Engine }).engine;
    store.set(judgeInto(store, judge, reading));
    draw();
  };
  const draw = (): void => {
    const focused = document.activeElement?.id;
    const open = bar.querySelector('details')?.open ?? false;
    fill(bar, ...fields(data, store.get().reading, apply, open));
    if (focused) document.getElementById(focused)?.focus();
    fill(outcome, ...outcomeOf(data, store));
    outcome.hidden = outcome.childNodes.length === 0;
  };
  draw();
  const reset = h('button', { type: 'button', class: 'quiet', onclick: () => apply(data.reading) }, 'Reset');
  store.subscribe(({ reading }) => {
    reset.disabled = isSameReading(reading, data.reading);
  });
  reset.disabled = true;
  return h(
    'section',
    { class: 'panel settings', 'aria-label': 'Settings' },
    h('div', { class: 'settings-row' }, bar, reset),
    outcome,
  );
}

/** The view of a reading; of one that cannot be judged the old view and the reason. */
function judgeInto(store: Store, judge: Judge, reading: ReportReading) {
  try {
    const view = judge.view(reading);
    const { arch } = store.get();
    const isThere = view.cells.some((cells) => cells.arch === arch);
    const native = view.cells[0]?.arch ?? arch;
    return {
      reading,
      view,
      failure: undefined,
      changes: judge.changes(reading),
      arch: isThere ? arch : native,
    };
  } catch (error) {
    return { reading, failure: textOfError(error), changes: undefined };
  }
}

type Apply = (change: Partial<ReportReading>) => void;

function fields(data: ReportData, reading: ReportReading, apply: Apply, open: boolean): readonly Child[] {
  const hosts = allArchitectures.filter(
    ({ name, uname }) => uname.length > 0 && !data.table.unknown.includes(name),
  );
  return [
    field(
      'Architecture',
      choice(
        'set-architecture',
        hosts.map(({ name }) => ({ value: name, label: name })),
        reading.arch,
        (value) => apply({ arch: value as ArchName }),
      ),
    ),
    kernelField(data, reading, apply),
    field(
      'Runtime',
      choice(
        'set-runtime',
        [...new Set([reading.runtime, ...runtimeSpellings])].map((value) => ({
          value,
          label: markRuntime(value),
        })),
        reading.runtime,
        (value) => apply({ runtime: value }),
      ),
    ),
    field(
      'Engine',
      choice(
        'set-engine',
        [
          { value: '', label: 'by dialect' },
          ...engines.map((value) => ({ value: value as string, label: value as string })),
        ],
        reading.engine ?? '',
        (value) => apply({ engine: value === '' ? undefined : (value as Engine) } as Partial<ReportReading>),
      ),
    ),
    capabilityField(data, reading, apply, open),
    noNewPrivilegesField(reading, apply),
  ];
}

function kernelField(data: ReportData, reading: ReportReading, apply: Apply): HTMLElement {
  const kernels = kernelsOf(data);
  return field(
    'Kernel',
    choice(
      'set-kernel',
      kernels.map((kernel) => ({ value: formatKernel(kernel), label: formatKernel(kernel) })),
      formatKernel(reading.kernel),
      (value) => apply({ kernel: kernels.find((each) => formatKernel(each) === value) ?? reading.kernel }),
    ),
  );
}

function noNewPrivilegesField({ noNewPrivileges }: ReportReading, apply: Apply): HTMLElement {
  return h(
    'label',
    { class: 'check', for: 'set-nnp' },
    h('input', {
      type: 'checkbox',
      id: 'set-nnp',
      checked: noNewPrivileges,
      onchange: (event) => apply({ noNewPrivileges: (event.target as HTMLInputElement).checked }),
    }),
    'no_new_privs',
  );
}

function field(label: string, control: HTMLElement): HTMLElement {
  return h('div', { class: 'field' }, h('label', { for: control.id, class: 'label' }, label), control);
}

const setLabels = {
  docker: "Docker's",
  podman: "Podman's",
  all: 'all',
  none: 'none',
} as const satisfies Record<CapabilitySet, string>;

function capabilityField(
  { profile }: ReportData,
  reading: ReportReading,
  apply: Apply,
  open: boolean,
): HTMLElement {
  const asked = capabilitiesAskedBy(profile.profile);
  const sorted = [
    ...capabilities.filter((name) => asked.has(name)),
    ...capabilities.filter((name) => !asked.has(name)),
  ];
  const boxes = sorted.map((name) => capabilityBox(name, asked.has(name), reading, apply));
  return h(
    'div',
    { class: 'field caps' },
    h('span', { class: 'label', id: 'caps-label' }, 'Capabilities'),
    h(
      'details',
      { open },
      h('summary', { id: 'set-caps', 'aria-describedby': 'caps-label' }, capabilityText(reading)),
      h(
        'div',
        { class: 'drop' },
        h('div', { class: 'chips' }, ...capabilitySetButtons(apply)),
        asked.size > 0 && h('p', { class: 'muted small' }, `The profile asks about the first ${asked.size}.`),
        h('div', { class: 'cap-list' }, ...boxes),
      ),
    ),
  );
}

function capabilityBox(
  name: (typeof capabilities)[number],
  isAsked: boolean,
  reading: ReportReading,
  apply: Apply,
): HTMLElement {
  const held: ReadonlySet<string> = new Set(reading.capabilities);
  const toggle = (isOn: boolean): void =>
    apply({ capabilities: capabilities.filter((each) => (each === name ? isOn : held.has(each))) });
  return h(
    'label',
    { class: isAsked ? 'check is-asked' : 'check', for: `cap-${name}` },
    h('input', {
      type: 'checkbox',
      id: `cap-${name}`,
      checked: held.has(name),
      onchange: (event) => toggle((event.target as HTMLInputElement).checked),
    }),
    name.slice('CAP_'.length),
  );
}

function capabilitySetButtons(apply: Apply): readonly HTMLElement[] {
  return (Object.keys(setLabels) as CapabilitySet[]).map((name) =>
    h(
      'button',
      {
        type: 'button',
        id: `set-caps-${name}`,
        class: 'chip',
        onclick: () => apply({ capabilities: capabilitySets[name] }),
      },
      setLabels[name],
    ),
  );
}

/** The capabilities that conditions of rules name. */
function capabilitiesAskedBy({ rules }: Profile): ReadonlySet<string> {
  return new Set(
    rules.flatMap(({ includes, excludes }) => [...(includes?.caps ?? []), ...(excludes?.caps ?? [])]),
  );
}

function capabilityText({ capabilities: held }: ReportReading): string {
  if (held === undefined) return 'no sets';
  const same = capabilitySetOf(held);
  return same === undefined ? `${held.length} held` : setLabels[same];
}

/** Kernels with long support, the report's, and those around what the profile asks for. */
function kernelsOf({ profile, reading }: ReportData): readonly KernelVersion[] {
  const asked = askedKernels(profile.profile.rules);
  const before = ({ kernel, major }: KernelVersion): KernelVersion =>
    major > 0 ? { kernel, major: major - 1 } : { kernel: kernel - 1, major: 20 };
  const known = ['3.10', '4.4', '4.14', '4.19', '5.4', '5.10', '5.15', '6.1', '6.6', '6.12', '6.18'].map(
    (text) => {
      const [kernel = 0, major = 0] = text.split('.').map(Number);
      return { kernel, major };
    },
  );
  const all = [...known, reading.kernel, ...asked, ...asked.map(before)];
  const distinct = new Map(all.map((each) => [formatKernel(each), each]));
  return [...distinct.values()].sort((a, b) => (isOlderKernel(a, b) ? 1 : -1));
}

/** `+CAP_SYS_ADMIN opens 24 calls: bpf, clone, …` */
function outcomeOf(data: ReportData, store: Store): readonly Child[] {
  const { reading, changes, failure, view } = store.get();
  if (failure !== undefined || isSameReading(reading, data.reading)) return [];
  const what = h('strong', {}, changedParts(data.reading, reading).join(', '));
  if (changes === undefined) return [what, `: the filter is for ${view.counts.arch} now.`];
  const [first] = changes.changes;
  if (first === undefined) return [what, ' changes nothing for any call.'];
  const { arch } = first;
  const parts = (
    [
      ['opens', namesChanged(changes, arch, 'looser', 'mixed')],
      ['closes', namesChanged(changes, arch, 'stricter')],
      ['changes the answer of', namesChanged(changes, arch, 'different', 'unknown')],
    ] as const
  ).filter(([, list]) => list.length > 0);
  if (parts.length === 0) return [what, ` changes nothing for a named call of ${arch}.`];
  const pick = (name: string): void => store.set({ syscall: name, arch });
  return [
    what,
    ...parts.flatMap(([verb, list], at): readonly Child[] => [
      at === 0 ? ` ${verb} ${count(list.length, 'call')} on ${arch}: ` : `; ${verb} ${list.length}: `,
      ...nameList(list, 12, pick),
    ]),
    '.',
  ];
}

function changedParts(before: ReportReading, after: ReportReading): readonly string[] {
  const had = new Set(before.capabilities);
  const has = new Set(after.capabilities);
  const gained = [...has].filter((name) => !had.has(name)).map((name) => `+${name}`);
  const lost = [...had].filter((name) => !has.has(name)).map((name) => `−${name}`);
  const some = (list: readonly string[], sign: string): readonly string[] =>
    list.length > 3 ? [`${sign}${list.length} capabilities`] : list;
  return [
    ...some(gained, '+'),
    ...some(lost, '−'),
    ...(before.arch === after.arch ? [] : [after.arch]),
    ...(formatKernel(before.kernel) === formatKernel(after.kernel)
      ? []
      : [`kernel ${formatKernel(after.kernel)}`]),
    ...(before.runtime === after.runtime ? [] : [markRuntime(after.runtime)]),
    ...(before.engine === after.engine ? [] : [`engine ${after.engine ?? 'by dialect'}`]),
    ...(before.noNewPrivileges === after.noNewPrivileges
      ? []
      : [after.noNewPrivileges ? '+no_new_privs' : '−no_new_privs']),
  ];
}
