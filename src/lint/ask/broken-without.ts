/**
 * What breaks if a call is denied: programs, the start of programs, and runtimes that make the call under the filter.
 * @module
 */
import { listWords } from '../../abi/list-words.ts';
import { type RuntimeName, type RuntimeNeeds, runtimeRows } from '../../consumers.ts';
import { indispensable } from '../catalog/indispensable.ts';
import { startUps } from '../catalog/start-up.ts';

/** Main clauses; empty for a call that programs and runtimes can do without. */
export function brokenWithout(syscall: string): readonly string[] {
  return [
    ...indispensable.filter((each) => each.syscall === syscall).map(({ breaks }) => breaks),
    ...(Object.keys(runtimeRows) as RuntimeName[]).flatMap((name) => startOf(name, syscall) ?? []),
    ...mainOf(syscall),
  ];
}

/** The needs that no error stops the runtime at are left out: only an action that kills matters there. */
function startOf(name: RuntimeName, syscall: string): string | undefined {
  const own = runtimeRows[name].needs.filter(
    ({ calls, copesWith }) => copesWith === undefined && calls.split(' ').includes(syscall),
  );
  const [need] = own.toSorted((a, b) => conditionsOf(a) - conditionsOf(b));
  if (need === undefined) return undefined;
  const { from, before, withPrivileges } = need;
  const version = from === undefined && before === undefined ? name : `some versions of ${name}`;
  const when = withPrivileges === true ? ' without noNewPrivileges' : '';
  return `no container can start under ${version}${when}: the runtime itself calls ${syscall} under the filter`;
}

function conditionsOf({ from, before, withPrivileges }: RuntimeNeeds): number {
  return [from, before, withPrivileges].filter((each) => each !== undefined).length;
}

function mainOf(syscall: string): readonly string[] {
  const libraries = startUps
    .filter(({ essential }) => essential.includes(syscall))
    .map(({ library }) => library);
  if (libraries.length === 0) return [];
  return [`a program does not reach its main function with ${listWords(libraries)} on x86_64`];
}
