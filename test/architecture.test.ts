/**
 * The rooms of src/ and who may import whom, as docs/architecture.md says.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../src');

const page = readFileSync(resolve(import.meta.dirname, '../docs/architecture.md'), 'utf8');

/** What every room may import: `errors`, the facts about engines and runtimes, and what keeps answers. */
const forAll = ['errors', 'consumers', 'recent-answers'];
/** Rooms and single files of other rooms, from the table of the page: the whole of what a newcomer is told. */
const rows = [...page.matchAll(/^\| `([a-z-]+)(?:\/|\.ts)`.* \| ([^|]+) \|$/gm)].map(
  ([, room = '', cell = '']) => [
    room,
    [...cell.matchAll(/`([^`]+)`|everything/g)].map(([all, name]) => name ?? all),
  ],
);
const mayImport: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(rows),
  ffi: [],
  'report-on-demand': ['report-profile', 'pipeline', 'abi'],
  'report-profile': [
    'abi',
    'report-on-demand',
    'report',
    'lint',
    'pipeline',
    'compile',
    'oci',
    'policy',
    'decision',
  ],
  index: ['report-on-demand', 'lint', 'oci', 'pipeline', 'registry'],
  pure: ['abi', 'bpf', 'oci', 'policy', 'decision', 'compose', 'compile', 'lint'],
};
/** What needs no library and no machine in rooms that are not pure: pure rooms import no other file of them. */
const pureFiles = [
  'pipeline/parse-host.ts',
  'pipeline/resolve-and-lower.ts',
  'pipeline/select-profile.ts',
  'compile/prove.ts',
  'compile/given-proof.ts',
];
const pureRooms = [
  'abi',
  'oci',
  'policy',
  'bpf',
  'decision',
  'compose',
  'lint',
  'report',
  'pure',
  'consumers',
  'recent-answers',
];
/** The backend that runs in a browser too, in a room that does not. */
const pureFolder = 'compile/builtin/';
/** Packages, and the one room or file each may appear in. */
const packages: Readonly<Record<string, string>> = {
  '@humanwhocodes/momoa': 'oci',
  ajv: 'oci',
  commander: 'cli',
  diff: 'cli',
  koffi: 'ffi',
  picomatch: 'cli',
  sarif: 'cli',
  tinyglobby: 'cli',
  yaml: 'oci',
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly specifier: string;
}

function roomOf(file: string): string {
  const [first = ''] = relative(src, file).split('/');
  return first.replace(/\.ts$/, '');
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(src, file));

const imports: readonly Import[] = files.flatMap((file) => {
  // Examples in docstrings import the package as its users do.
  const text = readFileSync(file, 'utf8').replace(/^ *\/?\*.*$/gm, '');
  const found = text.matchAll(
    /(?:\bfrom|(?<!')\bimport)\s*\(?\s*'([^']+)'|require\([^)]*\)\('([^']+)'\)|\(import\.meta\.url\)\('([^']+)'\)/g,
  );
  return [...found].map((match) => ({
    file: relative(src, file),
    room: roomOf(file),
    specifier: match[1] ?? match[2] ?? match[3] ?? '',
  }));
});

/** A module, and those it imports: statically, on use, or for types alone. */
const graph: ReadonlyMap<string, readonly string[]> = new Map(
  files.map((path) => {
    const file = relative(src, path);
    const own = imports.filter((each) => each.file === file && each.specifier.startsWith('.'));
    const targets = own.map(({ specifier }) => relative(src, resolve(src, dirname(file), specifier)));
    return [file, [...new Set(targets)]];
  }),
);

/** The circles that a walk in depth meets: each as its files in the order of their imports. */
function circlesOf(modules: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push([...path.slice(start), file].join(' -> '));
    if (start >= 0 || done.has(file)) return;
    for (const target of modules.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of modules.keys()) visit(file, []);
  return circles;
}

describe('the rooms of src/', () => {
  it('are all known here', () => {
    const known = new Set([...Object.keys(mayImport), 'errors']);
    expect([...new Set(files.map(roomOf))].filter((room) => !known.has(room))).toEqual([]);
    expect(imports.length).toBeGreaterThan(100);
  });

  it('import only the rooms below them', () => {
    const wrong = imports.filter(({ file, room, specifier }) => {
      if (!specifier.startsWith('.')) return false;
      const path = resolve(src, dirname(file), specifier);
      const target = roomOf(path);
      const allowed = ['everything', target, relative(src, path)];
      return (
        target !== room &&
        !forAll.includes(target) &&
        !mayImport[room]?.some((each) => allowed.includes(each))
      );
    });
    expect(wrong).toEqual([]);
  });

  it('have the files that docs/architecture.md names', () => {
    const named = [...page.matchAll(/`([a-z-]+(?:\/[a-z-]+)*\.ts)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(50);
    const missing = named.filter(
      (path) => !files.includes(join(src, path)) && !existsSync(resolve(src, '..', path)),
    );
    expect(missing).toEqual([]);
  });

  it('have no circle between files', () => {
    const circle = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['b']],
      ['d', ['d']],
    ]);
    expect(circlesOf(circle)).toEqual(['b -> c -> b', 'd -> d']);
    // Every import leads to a file that is known here, or the walk would miss what it imports.
    expect([...graph.values()].flat().filter((file) => !graph.has(file))).toEqual([]);
    expect(circlesOf(graph)).toEqual([]);
  });

  it('import no command but from the table of commands, where they are loaded on use', () => {
    // run-program.ts starts the hook without the table; `hook config` and others are parts of the hook's command.
    const known = [
      'cli/run-program.ts -> cli/commands/hook.ts',
      'cli/commands/hook.ts -> cli/commands/hook-check.ts',
      'cli/commands/hook.ts -> cli/commands/hook-config.ts',
      'cli/commands/hook.ts -> cli/commands/hook-explain.ts',
      'cli/commands/hook.ts -> cli/commands/hook-wrapper.ts',
    ];
    const leads = [...graph]
      .filter(([file]) => file !== 'cli/define/command-table.ts')
      .flatMap(([file, targets]) =>
        targets
          .filter((target) => target.startsWith('cli/commands/'))
          .map((target) => `${file} -> ${target}`),
      );
    expect(leads.toSorted()).toEqual(known.toSorted());
    expect(readFileSync(join(src, 'cli/define/command-table.ts'), 'utf8')).not.toMatch(/ from '.*commands/);
  });

  it('keep packages where they belong', () => {
    const wrong = imports.filter(({ room, specifier }) => {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) return false;
      const name = specifier.startsWith('@')
        ? specifier.split('/').slice(0, 2).join('/')
        : specifier.split('/')[0];
      const home = packages[name ?? ''];
      return home !== room;
    });
    expect(wrong).toEqual([]);
  });

  it('are free of node and koffi where they are pure', () => {
    const isPure = (file: string): boolean =>
      pureRooms.includes(roomOf(join(src, file))) || file.startsWith(pureFolder);
    const wrong = imports.filter(({ file, specifier }) => {
      if (!isPure(file)) return false;
      if (specifier.startsWith('node:') || specifier === 'koffi') return true;
      // The rest of its room is not pure.
      const target = relative(src, resolve(src, dirname(file), specifier));
      return file.startsWith(pureFolder) && target.startsWith('compile/') && !target.startsWith(pureFolder);
    });
    expect(wrong).toEqual([]);
    expect(files.filter((path) => relative(src, path).startsWith(pureFolder))).not.toEqual([]);
    for (const file of files.filter((path) => isPure(relative(src, path)))) {
      // Buffer and process are Node's too, without an import.
      expect(readFileSync(file, 'utf8'), file).not.toMatch(
        /\bBuffer\.|\bprocess\.(env|exit|argv|std|platform|cwd|versions|nextTick)/,
      );
    }
  });

  it('take only what is pure of other rooms where they are pure', () => {
    const isPureFile = (file: string): boolean => pureFiles.includes(file) || file.startsWith(pureFolder);
    const isPure = (file: string): boolean =>
      [...pureRooms, 'errors'].includes(roomOf(join(src, file))) || isPureFile(file);
    const wrong = [...graph].flatMap(([file, targets]) =>
      isPure(file) ? targets.filter((target) => !isPure(target)).map((target) => `${file} -> ${target}`) : [],
    );
    expect(wrong).toEqual([]);
    expect(graph.get('lint/ask/host-view.ts')).toContain('pipeline/resolve-and-lower.ts');
    expect(graph.get('pure.ts')).toContain('compile/given-proof.ts');
  });

  it('leave the process alone outside the command line', () => {
    for (const file of files.filter((path) => roomOf(path) !== 'cli')) {
      expect(readFileSync(file, 'utf8'), file).not.toMatch(/\bconsole\.|process\.(exit|argv)\b/);
    }
  });

  it('hold no two files of one name, where an editor would open the wrong one', () => {
    const byName = new Map<string, string[]>();
    for (const file of files) {
      const name = basename(file);
      byName.set(name, [...(byName.get(name) ?? []), relative(src, file)]);
    }
    // An entry point is known by its room.
    byName.delete('index.ts');
    expect([...byName.values()].filter(({ length }) => length > 1)).toEqual([]);
  });

  it('hold no file whose name says nothing', () => {
    const vague =
      /^(?:check|common|company|data|fate|guess|helpers?|main|misc|near|partial|places?|plain|reach|room|shapes?|stuff|subject|tests?|text|things|tools?|types|usable|utils?|values|views?)$/;
    // The program's own main file is where everyone looks for it.
    const names = files.map((file) => relative(src, file)).filter((file) => file !== 'cli/main.ts');
    expect(names.filter((file) => vague.test(basename(file, '.ts')))).toEqual([]);
  });

  it('hold no file above 400 lines but tables', () => {
    const long = files.filter(
      (file) =>
        !/generated|argument-names|prototypes/.test(file) &&
        readFileSync(file, 'utf8').split('\n').length > 420,
    );
    expect(long.map((file) => relative(src, file))).toEqual([]);
  });

  it('have the comment of a file right above its imports', () => {
    const apart = files.filter((file) =>
      /^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n\nimport /.test(readFileSync(file, 'utf8')),
    );
    expect(apart.map((file) => relative(src, file))).toEqual([]);
  });
});
