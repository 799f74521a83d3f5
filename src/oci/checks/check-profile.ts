/**
 * Checks on the profile as a whole. The readers that reject a profile were tried with runc 1.1.5 and crun 1.8.1
 * (libseccomp 2.5.4); the engines' and youki's behaviour is read from their sources.
 * @module
 */
import { type Architecture, architectureByOciArch } from '../../abi/architectures.ts';
import { type Consumer, enginesThat, markRuntime, runtimesThat } from '../../consumers.ts';
import { isBundle } from '../dialect-rows.ts';
import { objectsOf, type Text, textOf, textsOf } from '../object-view.ts';
import { quote } from '../read-json.ts';
import { actionOf, type CheckContext, on, onKey } from './check-context.ts';

/** Runs all checks of this file. */
export function checkProfile(context: CheckContext): void {
  checkDefaultAction(context);
  checkArchitectures(context);
  checkByteOrder(context);
  checkListener(context);
}

function checkDefaultAction({ dialect, profile, rules, report }: CheckContext): void {
  const field = profile.fields.get('defaultAction');
  if (field !== undefined && (field.node.kind !== 'string' || field.node.value !== '')) {
    if (actionOf(profile, 'defaultAction')?.kind !== 'notify') return;
    const message = 'SCMP_ACT_NOTIFY cannot be the default action';
    const rejectedBy = runtimesThat((traits) => traits.refusesNotifyOnStartPath);
    report({ code: 'notify-default', ...on(field), message, rejectedBy });
    return;
  }
  const place = field === undefined ? on(profile) : on(field);
  if (rules.length > 0) {
    const message = 'the profile has rules and no default action';
    report({ code: 'missing-default-action', ...place, message, hint: 'add "defaultAction"' });
    return;
  }
  const message = 'the profile has neither a default action nor rules: seccomp is off';
  // Docker and Podman leave such a profile out of the bundle; in a bundle crun and youki want a default action.
  const rejectedBy = runtimesThat((_, reading) => reading.needsDefaultAction);
  if (!isBundle(dialect)) report({ code: 'seccomp-off', ...place, message });
  else report({ code: 'seccomp-off', ...place, message, severity: 'error', rejectedBy });
}

function checkArchitectures({ dialect, profile, report }: CheckContext): void {
  const listed = textsOf(profile, 'architectures');
  const entries = objectsOf(profile, 'archMap', dialect);
  if (listed.length > 0 && entries.length > 0) {
    const message = 'give either "architectures" or "archMap", not both';
    const rejectedBy = enginesThat((row) => row.readsConditions);
    report({ code: 'architectures-and-arch-map', ...onKey(profile, 'archMap'), message, rejectedBy });
  }
  for (const text of [...listed, ...entries.flatMap((entry) => textsOf(entry, 'subArchitectures'))]) {
    checkArchitecture(text, report);
  }
}

function checkArchitecture(text: Text, report: CheckContext['report']): void {
  if (text.value === 'SCMP_ARCH_NATIVE') {
    const rejectedBy = runtimesThat((traits) => !traits.knowsNativeArch);
    const message = `${whoDoNotKnow(rejectedBy)} the architecture SCMP_ARCH_NATIVE`;
    const hint = 'leave it out: the native architecture is always covered';
    report({ code: 'native-architecture', ...on(text), message, hint, rejectedBy });
    return;
  }
  const row = architectureByOciArch(text.value);
  if (row === undefined) return;
  const rejectedBy = runtimesThat(({ unknownArchitectures }) => unknownArchitectures.includes(row.name));
  if (rejectedBy.length === 0) return;
  const message = `${whoDoNotKnow(rejectedBy)} ${text.value}`;
  report({ code: 'runtime-architecture', ...on(text), message, rejectedBy });
}

/** `runc and crun do not know`. */
function whoDoNotKnow(readers: readonly Consumer[]): string {
  return `${readers.map(markRuntime).join(' and ')} ${readers.length === 1 ? 'does' : 'do'} not know`;
}

/** libseccomp refuses to put architectures of both byte orders into one filter (-EDOM). */
function checkByteOrder({ dialect, profile, report }: CheckContext): void {
  const lists = [textsOf(profile, 'architectures')];
  for (const entry of objectsOf(profile, 'archMap', dialect)) {
    const host = textOf(entry, 'architecture');
    lists.push([...(host === undefined ? [] : [host]), ...textsOf(entry, 'subArchitectures')]);
  }
  for (const list of lists) {
    let first: Architecture | undefined;
    for (const text of list) {
      const row = architectureByOciArch(text.value);
      first ??= row;
      if (first === undefined || row === undefined || row.endian === first.endian) continue;
      const message = `${row.ociArch} is ${row.endian}-endian, ${first.ociArch} is ${first.endian}-endian: one filter cannot hold both`;
      report({ code: 'mixed-byte-order', ...on(text), message });
      break;
    }
  }
}

/** Engines leave an empty path out; in a bundle it is there. */
function checkListenerPath({ profile, dialect, report }: CheckContext): void {
  const field = profile.fields.get('listenerPath');
  if (field?.node.kind !== 'string' || field.node.value.startsWith('/')) return;
  if (field.node.value === '' && !isBundle(dialect)) return;
  report({
    code: 'relative-listener-path',
    ...on(field),
    message: `${quote(field.node.value)} is not an absolute path`,
    hint: 'write the full path of the socket, starting with /',
    rejectedBy: runtimesThat((_, reading) => reading.needsAbsoluteListenerPath),
  });
}

function checkListener(context: CheckContext): void {
  const { profile, rules, report } = context;
  const path = textOf(profile, 'listenerPath');
  checkListenerPath(context);
  const notifying = rules.find((rule) => actionOf(rule, 'action')?.kind === 'notify');
  const metadata = textOf(profile, 'listenerMetadata');
  if (metadata !== undefined && path === undefined) {
    const message = '"listenerMetadata" has no effect without "listenerPath"';
    report({ code: 'listener-metadata-alone', ...onKey(profile, 'listenerMetadata'), message });
  }
  if (notifying !== undefined && path === undefined) {
    const message = 'SCMP_ACT_NOTIFY needs a listener';
    const hint = 'set "listenerPath" to the socket of the agent';
    report({
      code: 'notify-without-listener',
      ...onKey(notifying, 'action'),
      message,
      hint,
      rejectedBy: runtimesThat((_, reading) => reading.needsListenerPath),
    });
  }
  if (
    path !== undefined &&
    notifying === undefined &&
    actionOf(profile, 'defaultAction')?.kind !== 'notify'
  ) {
    const message = 'no rule has SCMP_ACT_NOTIFY: nothing is ever sent to the listener';
    const hint = 'crun still connects to it, and fails if it cannot';
    report({ code: 'listener-without-notify', ...onKey(profile, 'listenerPath'), message, hint });
  }
}
