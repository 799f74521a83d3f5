/**
 * Checks on the conditions of rules.
 * @module
 */
import { allArchitectures } from '../../abi/architectures.ts';
import { capabilities } from '../../abi/capabilities.ts';
import { findArchitecture } from '../../abi/find-architecture.ts';
import { enginesThat, runtimesThat } from '../../consumers.ts';
import { type ObjectView, objectOf, type Text, textOf, textsOf } from '../object-view.ts';
import type { FoundProblem } from '../problems.ts';
import { quote } from '../read-json.ts';
import { parseMinKernel } from '../resolve/min-kernel.ts';
import { type CheckContext, didYouMean, on } from './check-context.ts';

/** Runs all checks of this file. */
export function checkConditions(context: CheckContext): void {
  for (const rule of context.rules) {
    for (const key of ['includes', 'excludes'] as const) {
      const conditions = objectOf(rule, key, context.dialect);
      if (conditions === undefined) continue;
      checkCapabilities(textsOf(conditions, 'caps'), context);
      for (const text of textsOf(conditions, 'arches')) checkArch(text, context);
      checkMinKernel(conditions, key, context);
    }
  }
}

/** Checks names of capabilities in conditions. */
function checkCapabilities(texts: readonly Text[], context: CheckContext): void {
  for (const text of texts) {
    if (!capabilities.includes(text.value)) context.report(unknownCapability(text, context));
  }
}

/**
 * Checks names of a bundle's capabilities, each once. youki reads them in any letter case and with any number of prefixes.
 * It refuses a bundle with a name that it does not know.
 */
export function checkBundleCapabilities(texts: readonly Text[], context: CheckContext): void {
  const seen = new Set(capabilities);
  for (const text of texts) {
    if (seen.has(text.value)) continue;
    seen.add(text.value);
    const isKnown = capabilities.includes(`CAP_${text.value.toUpperCase().replace(/^(?:CAP_)+/, '')}`);
    const rejectedBy = runtimesThat((_, { refusesUnknownCapabilities }) => refusesUnknownCapabilities);
    const refused = isKnown ? {} : ({ severity: 'error', rejectedBy } as const);
    context.report({ ...unknownCapability(text, context), ...refused });
  }
}

function unknownCapability(text: Text, { suggest }: CheckContext): FoundProblem {
  const upper = text.value.toUpperCase();
  const near = suggest(upper.startsWith('CAP_') ? upper : `CAP_${upper}`, capabilities);
  const message = `${quote(text.value)} is not a capability: no container has it`;
  return { code: 'unknown-capability', ...on(text), message, hint: didYouMean(near) };
}

function checkArch(text: Text, { suggest, report }: CheckContext): void {
  const { value } = text;
  if (allArchitectures.some(({ mobyArch, golangArch }) => value === mobyArch || value === golangArch)) return;
  const spellings = allArchitectures.flatMap((row) => [row.mobyArch ?? row.golangArch, row.golangArch]);
  const meant = findArchitecture(text.value);
  const near = meant?.mobyArch ?? meant?.golangArch ?? suggest(text.value, spellings);
  const message = `no engine uses the architecture name ${quote(text.value)}: it never matches`;
  report({ code: 'unknown-condition-arch', ...on(text), message, hint: didYouMean(near) });
}

function checkMinKernel(
  conditions: ObjectView,
  key: 'includes' | 'excludes',
  { report }: CheckContext,
): void {
  const field = conditions.fields.get('minKernel');
  if (key === 'excludes' && field?.node.kind === 'string' && field.node.value === '') {
    const message =
      'the rule applies on no host: an empty minKernel is read as 0.0, which every kernel reaches';
    const hint = 'remove the key, or write the kernel from which on the rule does not apply, such as "4.8"';
    report({ code: 'malformed-min-kernel', severity: 'warning', ...on(field), message, hint });
    return;
  }
  const text = textOf(conditions, 'minKernel');
  if (text === undefined || parseMinKernel(text.value) !== undefined) return;
  const message = `${quote(text.value)} is not a kernel version of the form "4.8"`;
  const hint = 'write two numbers from 0 to 255 with a dot between them, but not "0.0"';
  report({
    code: 'malformed-min-kernel',
    ...on(text),
    message,
    hint,
    rejectedBy: enginesThat((row) => row.readsMinKernel),
  });
}
