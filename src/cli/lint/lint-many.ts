/**
 * Lints files in order. Reads some ahead, each once, and starts the threads that `--jobs` asks for.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { answerTask, readTask, type Session, type Task } from './lint-files.ts';
import { type FileAnswer, memoryKey, movedTo, namesItsFile, settingsAlone } from './lint-once.ts';
import type { LintCommandOptions } from './lint-options.ts';
import type { Threads } from './lint-threads.ts';

/** Waits for what was found in a file. The promise is rejected with the reason why the file was not linted. */
export type AwaitAnswer = () => Promise<FileAnswer>;

/** Bytes of files that are read ahead for several threads. */
const MAX_AHEAD = 1 << 25;

/** The number of `--jobs`. @throws OciSeccompError `ERR_USAGE` */
export function parseJobs(text: string | undefined): number {
  if (text === undefined) return 1;
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new OciSeccompError('ERR_USAGE', `--jobs takes a number from 1 to 999, not '${text}'`);
}

interface Answers {
  /** The answers for files, in their order. @throws what kept a file from being linted, from each call */
  readonly of: (
    files: readonly string[],
  ) => AsyncGenerator<{ readonly file: string; readonly ask: AwaitAnswer }>;
  readonly end: () => Promise<void>;
}

/** @param jobs - threads. Each compiles lint's code for itself, so more of them take more processor time. */
export function createAnswers(session: Session, options: LintCommandOptions, jobs: number): Answers {
  let threads: Threads | undefined;
  const startThreads = async (contents: number): Promise<void> => {
    const count = Math.min(jobs, contents);
    if (threads !== undefined || count < 2) return;
    const { startThreads: start } = await import('./lint-threads.ts');
    const library = options.noLibseccomp === true ? false : options.library;
    threads = start(count, { choices: session.choices, library });
  };
  return {
    async *of(files) {
      for (let from = 0; from < files.length; ) {
        // One thread needs nothing ahead.
        const batch = await readAhead(files, from, session, jobs > 1 ? MAX_AHEAD : 1);
        from += batch.length;
        const fresh = differentContents(batch, session);
        await startThreads(fresh.length);
        const asked = threads === undefined ? undefined : askThreads(fresh, threads, session);
        for (const read of batch) yield { file: read.file, ask: () => answerOf(read, session, asked) };
      }
    },
    end: async () => threads?.end(),
  };
}

/** A file that was read, or what kept it from being read. */
type Read =
  | { readonly file: string; readonly task: Task; readonly key: string | undefined }
  | { readonly file: string; readonly error: unknown };

async function readAhead(
  files: readonly string[],
  from: number,
  session: Session,
  most: number,
): Promise<readonly Read[]> {
  const batch: Read[] = [];
  let size = 0;
  for (let at = from; at < files.length && size < most; at += 1) {
    const file = files[at] ?? '';
    try {
      const task = await readTask(file, session);
      size += task.bytes.length;
      // A rule of a module may read the file's name or remember other files, so its answer is not reused.
      const key = task.rules.length > 0 ? undefined : memoryKey(task.bytes, task.file, task.settings);
      batch.push({ file, task, key });
    } catch (error) {
      batch.push({ file, error });
    }
  }
  return batch;
}

interface Fresh {
  readonly task: Task;
  readonly key: string;
}

/** The first file of each content that was not linted before. Files with rules of modules stay in this thread. */
function differentContents(batch: readonly Read[], { memory }: Session): readonly Fresh[] {
  const fresh = new Map<string, Fresh>();
  for (const read of batch) {
    if ('error' in read || read.key === undefined || fresh.has(read.key)) continue;
    const { task, key } = read;
    if (!memory.has(key)) fresh.set(key, { task, key });
  }
  return [...fresh.values()];
}

/** What threads find in contents, by key. */
function askThreads(
  fresh: readonly Fresh[],
  threads: Threads,
  session: Session,
): ReadonlyMap<string, { readonly file: string; readonly answer: Promise<FileAnswer> }> {
  const tasks = fresh.map(({ task: { file, bytes, settings } }) => ({
    file,
    bytes,
    settings: settingsAlone(settings),
  }));
  const answers = threads.run(tasks, (at) => answerTask((fresh[at] as Fresh).task, session));
  return new Map(
    fresh.map(({ key, task: { file } }, at) => [key, { file, answer: answers[at] as Promise<FileAnswer> }]),
  );
}

async function answerOf(
  read: Read,
  session: Session,
  asked: ReturnType<typeof askThreads> | undefined,
): Promise<FileAnswer> {
  if ('error' in read) throw read.error;
  const { task, key } = read;
  const name = task.file;
  const known = key === undefined ? undefined : session.memory.recall(key, name);
  if (known !== undefined) return known;
  const first = key === undefined ? undefined : asked?.get(key);
  const answer = await (first?.answer ?? answerTask(task, session));
  if (key !== undefined) session.memory.remember(key, answer);
  if (first === undefined || first.file === name) return answer;
  return namesItsFile(answer.report) ? answerTask(task, session) : movedTo(name, answer);
}
