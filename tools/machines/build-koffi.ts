/**
 * Builds koffi's binary for another machine, from the sources in its npm package: where the one that it ships needs a
 * newer processor than qemu has.
 * @module
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../debian-apt.ts';
import { projectRoot } from '../debian-cache.ts';

export interface KoffiBuild {
  /** A C++ compiler of Debian that makes programs for the machine here. */
  readonly compiler: string;
  /** The file of `src/koffi/src/abi` for the architecture. */
  readonly abi: string;
  /** What the compiler has to be told of the processor. */
  readonly options: readonly string[];
}

/** As src/koffi/CMakeLists.txt of koffi 3.3.4 has them. */
const SOURCES = ['ffi', 'call', 'interp', 'parser', 'type', 'util', 'uv', 'win32'];
const TRAMPOLINES = '8192';
const DEFINED = [
  'FELIX_TARGET=koffi',
  'NAPI_VERSION=NAPI_VERSION_EXPERIMENTAL',
  'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
  'NODE_ADDON_API_REQUIRE_BASIC_FINALIZERS',
  'NODE_GYP_MODULE_NAME=koffi',
  '_FILE_OFFSET_BITS=64',
];
const FLAGS = ['-std=gnu++20', '-O1', '-w', '-fPIC', '-fvisibility=hidden'].concat(
  ['strict-aliasing', 'delete-null-pointer-checks', 'exceptions', 'rtti', 'finite-loops'].map(
    (name) => `-fno-${name}`,
  ),
  '-fwrapv',
);

/** @param scratch - a folder for what comes in between; it is removed */
export function buildKoffi({ compiler, abi, options }: KoffiBuild, scratch: string, target: string): void {
  const koffi = join(projectRoot(), 'node_modules/koffi');
  const { version } = JSON.parse(readFileSync(join(koffi, 'package.json'), 'utf8')) as { version: string };
  const trampolines = join(scratch, 'trampolines');
  mkdirSync(trampolines, { recursive: true });
  run(process.execPath, [join(koffi, 'src/koffi/src/trampolines.cjs'), trampolines, TRAMPOLINES]);
  const folders = ['src/koffi', '.', 'src', 'vendor/node-addon-api', 'vendor/node-api-headers/include'];
  const words = [
    ...options,
    ...FLAGS,
    ...[...DEFINED, `VERSION=${version}`].map((word) => `-D${word}`),
    ...[...folders.map((folder) => join(koffi, folder)), trampolines].map((folder) => `-I${folder}`),
  ];
  const sources = [
    ...SOURCES.map((name) => `src/koffi/src/${name}.cc`),
    `src/koffi/src/abi/${abi}.cc`,
    `src/koffi/src/abi/${abi}_asm.S`,
    'lib/native/base/base.cc',
  ];
  const objects = sources.map((source) => {
    const object = join(scratch, `${basename(source)}.o`);
    run(compiler, [...words, '-c', join(koffi, source), '-o', object]);
    return object;
  });
  run(compiler, ['-shared', '-static-libstdc++', '-static-libgcc', '-o', target, ...objects]);
  rmSync(scratch, { recursive: true });
}
