// The chunks of the runtime wrapper: which modules stand in which file of dist/bin/runtime-*.cjs.

/** Calls of the runtime wrapper that make no container need these alone. */
const BASE =
  /^(?:errors|ffi|kernel\/(?:replace|descriptors|prepare-exec|file-limit|signals)|abi\/errno-constants|hook\/(?:trusted-(?:file|path)|io-words)|hook\/wrapper\/(?:runtime-call|find-runtime))/;
/** The reader of YAML stays beside the package that it is loaded with: in `core` the two would need each other. */
const ALONE = /^(?:cli\/runtime\.ts|hook\/wrapper\/fit-program\.ts|oci\/(?:read-)?yaml)/;

/** @param root - the checkout: a folder above it may be called `src` too */
export function wrapperGroups(root) {
  const source = `${root}/src/`;
  const ofSource = (id, test) => id.startsWith(source) && test(id.slice(source.length));
  return [
    { name: 'base', test: (id) => ofSource(id, (file) => BASE.test(file)), priority: 2 },
    {
      name: 'core',
      test: (id) => isOfPackage(id, '@humanwhocodes/momoa') || ofSource(id, (file) => !ALONE.test(file)),
      priority: 1,
    },
  ];
}

/** Whether a module is of a package: a folder above the checkout may have its name. */
export function isOfPackage(id, name) {
  return id.includes(`/node_modules/${name}/`);
}
