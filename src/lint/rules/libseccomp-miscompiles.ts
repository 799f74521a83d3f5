/**
 * Rules that libseccomp turns into a filter which does something else. Up to and including 2.6.1 it merges comparisons
 * of several rules for one call wrongly; the filter that protects the container is then not the one that was written.
 *
 * Says nothing unless compilers are handed in: which rules are affected depends on their shape in ways that only the
 * library itself decides.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import { groupBy } from '../../abi/group-by.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import { decideProgram } from '../../decision/decide-program.ts';
import { decidedRelations, type Relation, whereRelated } from '../../decision/relate.ts';
import { type Node, wordLeaf } from '../../decision/space.ts';
import { archOfCall, evaluate, nodeOfCall } from '../../decision/witness.ts';
import { callNode } from '../ask/call-meaning.ts';
import type { CompiledView, HostView } from '../ask/host-view.ts';
import { pointerOfName } from '../ask/name-pointer.ts';
import {
  callWhere,
  ifDecided,
  leaveOpen,
  type NamedCall,
  namedCalls,
  nameEntries,
} from '../ask/named-calls.ts';
import type { Witness } from '../engine/finding.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const libseccompMiscompiles = builtinRule({
  id: 'libseccomp-miscompiles',
  group: 'meaning',
  level: 'error',
  title: 'libseccomp builds a filter that does not do what the rules say',
  check: (context) => {
    for (const view of context.views) {
      const wrong = view.compiled.flatMap((compiled) => ifDecided(() => differences(view, compiled)) ?? []);
      for (const found of groupBy(wrong, ({ call }) => call.nr).values()) report(context, view, found);
      for (const compiled of view.compiled) reportFailure(context, view, compiled);
    }
  },
});

interface Difference {
  readonly compiler: string;
  readonly call: NamedCall;
  readonly relation: Relation;
  readonly witness: Witness;
}

/** The calls with comparisons for which a compiler's program and the rules give different answers. */
function differences(view: HostView, { compiler, program }: CompiledView): readonly Difference[] {
  const compared = namedCalls(view).filter(({ rules }) =>
    rules.some(({ comparisons }) => comparisons.length > 0),
  );
  if (program === undefined || compared.length === 0) return [];
  const done = decideProgram(view.space, program, architectures[view.host.arch].endian);
  return compared.flatMap((call) => difference(view, call, done, compiler) ?? []);
}

function difference(
  view: HostView,
  call: NamedCall,
  program: Node,
  compiler: string,
): Difference | undefined {
  const { space, policy } = view;
  const meant = ifDecided(() => callNode(view, call.arch, call.nr));
  const done = nodeOfCall(space, program, call.arch, call.nr);
  // A library that does not know the call on this architecture leaves its rules out.
  if (meant === undefined || done === wordLeaf(space, policy.defaultAction)) return undefined;
  for (const relation of decidedRelations) {
    const found = callWhere(view, call, whereRelated(space, meant, done, [relation]));
    if (found === undefined) continue;
    const [verdict, wanted] = [evaluate(space, done, found), evaluate(space, meant, found)];
    if (verdict.kind !== 'word' || wanted.kind !== 'word') continue;
    const witness = { call: found, verdict: verdict.word, meant: wanted.word };
    return { compiler, call, relation, witness };
  }
  return undefined;
}

function report(context: LintContext, view: HostView, found: readonly Difference[]): void {
  const worst = decidedRelations.flatMap((relation) => found.filter((each) => each.relation === relation))[0];
  if (worst === undefined) return;
  const { call, witness, relation } = worst;
  const concerned = new Set(call.rules.map(({ rule }) => rule));
  const entries = nameEntries(view).filter(({ policyRules }) =>
    policyRules.some((rule) => concerned.has(rule)),
  );
  const [first, ...others] = entries;
  if (first === undefined) return;
  const compilers = [...new Set(found.map(({ compiler }) => compiler))].join(' and ');
  const [does, says] = [witness.verdict, witness.meant ?? witness.verdict].map((word) =>
    formatReturnWord(word, archOfCall(witness.call)),
  );
  const judgement =
    relation === 'looser'
      ? 'lets through calls that the rules do not let through'
      : `gives ${does} where they say ${says}`;
  context.report({
    pointer: pointerOfName(context, first),
    message: `the rules of '${first.name}' are compiled wrongly by ${compilers}: the filter ${judgement}`,
    hint: adviceFor(first.name, call),
    witness,
    related: others.map((entry) => ({
      pointer: pointerOfName(context, entry),
      message: 'together with this rule',
    })),
    view,
  });
}

/** What makes libseccomp right: docs/libseccomp-defects.md counts which shapes of rules never went wrong. */
function adviceFor(name: string, { rules }: NamedCall): string {
  const compared = new Set(rules.flatMap(({ comparisons }) => comparisons.map(({ index }) => index)));
  return compared.size === 1
    ? `compare only for equality in the rules of ${name}, or only with values below 2^32`
    : `compare fewer arguments in the rules of ${name}, or compare only for equality`;
}

/** Rule sets that libseccomp does not survive, or that take it too long. */
function reportFailure(context: LintContext, view: HostView, { compiler, error }: CompiledView): void {
  if (error?.code === 'ERR_UNDECIDED') leaveOpen();
  if (error?.code !== 'ERR_LIBSECCOMP_TIMEOUT' && error?.code !== 'ERR_LIBSECCOMP_CRASH') return;
  context.report({
    pointer: `${context.root}/syscalls`,
    onKey: true,
    message: `${compiler} makes no filter from these rules: ${error.message}`,
    hint: error.hint ?? 'name fewer system calls, or compare fewer arguments',
    view,
  });
}
