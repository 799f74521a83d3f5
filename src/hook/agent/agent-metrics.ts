/**
 * What an agent counts, and the page that shows it in the text format of Prometheus.
 *
 * Source: the exposition formats of Prometheus, text format 0.0.4.
 * @module
 */
import type { SupervisionEnd } from '../supervisor/supervisor-protocol.ts';
import type { CountedMemory } from './filter-memory.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Every way in which a request can end; the container must not start if it is refused. */
const requestResults = ['attached', 'unfiltered', 'written', 'kept', 'passed', 'refused'] as const;
type RequestResult = (typeof requestResults)[number];
/** Why a client was not served: it is not root of this machine; too many at the same time; what it sent is not a request. */
const turnedAway = ['peer', 'busy', 'request'] as const;
export type TurnedAway = (typeof turnedAway)[number];
const outcomes = ['installed', 'gone', 'killed'] as const;
/** Upper bounds in seconds. */
const BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5] as const;

export interface AgentMetrics {
  readonly countRequest: (result: RequestResult, seconds: number) => void;
  readonly countTurnedAway: (reason: TurnedAway) => void;
  readonly countOutcome: (outcome: SupervisionEnd['outcome']) => void;
  readonly countReload: () => void;
  readonly page: (pool: Pick<WorkerPool, 'counts'>, memory: Sizes, connections: number) => string;
}

export function createMetrics(version: string): AgentMetrics {
  const requests = counter(requestResults);
  const away = counter(turnedAway);
  const filters = counter(outcomes);
  const times = histogram();
  let reloads = 0;
  return {
    countRequest: (result, seconds) => {
      requests.add(result);
      times.add(seconds);
    },
    countTurnedAway: away.add,
    countOutcome: (outcome) => {
      // A request that was refused is counted as such.
      if (outcome !== 'refused') filters.add(outcome);
    },
    countReload: () => {
      reloads += 1;
    },
    page: (pool, memory, connections) =>
      [
        family('info', 'gauge', 'The version of oci-seccomp.', [[`{version="${version}"}`, 1]]),
        ...countFamilies(requests.rows('result'), times.rows(), away.rows('reason'), filters.rows('outcome')),
        ...stateFamilies(pool.counts(), memory, connections),
        family('reloads_total', 'counter', 'Reloads.', [['', reloads]]),
      ].join(''),
  };
}

function countFamilies(requests: Rows, times: Rows, away: Rows, filters: Rows): readonly string[] {
  return [
    family('requests_total', 'counter', 'Requests of hooks and of runtime wrappers, by result.', requests),
    family('request_seconds', 'histogram', 'From the connection to the answer.', times),
    family('turned_away_total', 'counter', 'Connections that were not served, by reason.', away),
    family('filters_total', 'counter', 'Containers that a supervisor held, by what became of them.', filters),
  ];
}

function stateFamilies(
  { waiting, busy, starting }: ReturnType<WorkerPool['counts']>,
  memory: Sizes,
  connections: number,
): readonly string[] {
  return [
    family('supervisors', 'gauge', 'Supervisors, by state.', [
      ['{state="waiting"}', waiting],
      ['{state="busy"}', busy],
      ['{state="starting"}', starting],
    ]),
    family('connections', 'gauge', 'Open connections.', [['', connections]]),
    family('memory_filters', 'gauge', 'Filters in memory.', [['', memory.size()]]),
    family('memory_hits_total', 'counter', 'Filters that were in memory.', [['', memory.hits()]]),
    family('memory_misses_total', 'counter', 'Filters that were not in memory.', [['', memory.misses()]]),
  ];
}

type Sizes = Pick<CountedMemory<unknown>, 'size' | 'hits' | 'misses'>;

/** Each bucket also counts what smaller ones count, as Prometheus has it. */
function histogram(): { readonly add: (seconds: number) => void; readonly rows: () => Rows } {
  const buckets = BUCKETS.map(() => 0);
  let [sum, count] = [0, 0];
  return {
    add: (seconds) => {
      sum += seconds;
      count += 1;
      for (const [at, bound] of BUCKETS.entries()) if (seconds <= bound) buckets[at] = (buckets[at] ?? 0) + 1;
    },
    rows: () => [
      ...BUCKETS.map((bound, at) => [`_bucket{le="${bound}"}`, buckets[at] ?? 0] as const),
      ['_bucket{le="+Inf"}', count],
      ['_sum', Number(sum.toFixed(6))],
      ['_count', count],
    ],
  };
}

type Rows = readonly (readonly [suffix: string, value: number])[];

function family(name: string, type: string, help: string, rows: Rows): string {
  const full = `oci_seccomp_agent_${name}`;
  const lines = rows.map(([suffix, value]) => `${full}${suffix} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`;
}

function counter<Label extends string>(labels: readonly Label[]) {
  const counts = new Map<Label, number>(labels.map((label) => [label, 0]));
  return {
    add: (label: Label): void => void counts.set(label, (counts.get(label) ?? 0) + 1),
    rows: (key: string): Rows => [...counts].map(([label, value]) => [`{${key}="${label}"}`, value] as const),
  };
}
