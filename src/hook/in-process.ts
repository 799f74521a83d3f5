/**
 * Workloads that crun runs in its own process, without execve(2): WebAssembly modules, .NET assemblies and libkrun's
 * virtual machines. A hook's filter is installed at the exec of the container's program, so such a workload would run
 * without it: the hook refuses it.
 *
 * crun selects a handler by the annotation `run.oci.handler`, by the annotation `module.wasm.image/variant`, by the name
 * it is called by (`krun`, `crun-wasm`), and a plugin in its folder of handlers decides for itself. It has loaded the
 * handler's library by the time hooks run.
 *
 * Sources, and tried with: crun 1.8.1, 1.21, 1.28: src/crun.c (fill_handler_from_argv0), src/libcrun/custom-handler.c
 * (libcrun_configure_handler), src/libcrun/handlers/.
 * @module
 */
import { OciSeccompError } from '../errors.ts';

/** Whatever their values: an unknown name can become a plugin's, and `compat-smart` depends on the program's name. */
const handlerAnnotations = ['run.oci.handler', 'module.wasm.image/variant'] as const;

/** What handlers load: libkrun, libkrun-sev, libkrun-awsnitro, wasmtime, WasmEdge, Wasmer, WAMR, Mono. */
const LIBRARY = /\/(?:libkrun|libwasmtime|libwasmedge|libwasmer|libiwasm|libmono)[^/]*\.so[^/]*$/;
/** crun loads every plugin of this folder, and then asks each whether it takes the container. */
const PLUGIN = /\/crun\/handlers\/[^/]+$/;
/** `crun-` and a digit is a release's file, `crun-1.28-linux-amd64`: no handler has such a name. */
const HANDLER_NAME = /^(?:krun|crun-[^0-9].*)$/;

const HINT =
  'use hook precreate or oci-seccomp-runtime: crun then puts the filter on its own process before it runs the workload';

/** @throws OciSeccompError `ERR_HOOK` if annotations, of the state or of the config.json, can select a handler */
export function requireNoHandler(annotations: ReadonlyMap<string, string>): void {
  for (const name of handlerAnnotations) {
    const value = annotations.get(name);
    if (value !== undefined) throw refused(`annotation ${name}: ${JSON.stringify(value.slice(0, 80))}`);
  }
}

/**
 * Checks what the annotations do not say.
 *
 * @param runtime - the word that the runtime was called by; `undefined`: not known
 * @param mapped - the files that the container's first process has mapped
 * @throws OciSeccompError `ERR_HOOK` if the runtime has loaded a handler, or was called by a handler's name
 */
export function requireExecutes(runtime: string | undefined, mapped: readonly string[]): void {
  const name = runtime?.replace(/.*\//s, '') ?? '';
  if (HANDLER_NAME.test(name)) throw refused(`it was called as ${JSON.stringify(name.slice(0, 80))}`);
  const library = mapped.find((path) => LIBRARY.test(path));
  if (library !== undefined) throw refused(`it has loaded ${library}`);
  const plugin = mapped.find((path) => PLUGIN.test(path));
  if (plugin === undefined) return;
  throw new OciSeccompError(
    'ERR_HOOK',
    `crun has loaded the plugin ${plugin}, which can run workloads without execve(2): a hook cannot filter those`,
    { hint: HINT },
  );
}

function refused(why: string): OciSeccompError {
  const message = `crun runs the workload of this container itself, without execve(2), so a hook cannot filter it (${why})`;
  return new OciSeccompError('ERR_HOOK', message, { hint: HINT });
}
