/**
 * The injection's state machine, without a process.
 */
import { describe, expect, it } from 'vitest';
import {
  type ActiveState,
  type InjectionEvent,
  type InjectionStep,
  injectionEvents,
  injectionMachine,
  injectionStates,
  isFinal,
} from '../../src/kernel/inject-machine.ts';

const active = injectionStates.filter((state): state is ActiveState => !isFinal(state));
const steps = active.flatMap((state) =>
  injectionEvents.map((event) => ({ state, event, ...injectionMachine[state][event] })),
);

describe('the injection', () => {
  it('has a step for every event in every state', () => {
    expect(Object.keys(injectionMachine).sort()).toEqual([...active].sort());
    for (const state of active) {
      expect(Object.keys(injectionMachine[state]).sort(), state).toEqual([...injectionEvents].sort());
    }
    expect(steps.length).toBe(5 * 16);
  });

  it('fails where it kills, and kills where it fails', () => {
    for (const { state, event, action, next } of steps) {
      expect(action === 'kill', `${state} ${event}`).toBe(next === 'failed');
    }
  });

  it('lets go only of what has its filter', () => {
    const done = steps.filter(({ action, next }) => next === 'done' || action === 'release');
    expect(done).toEqual([{ state: 'planning', event: 'installed', action: 'release', next: 'done' }]);
    const gone = steps.filter(({ next }) => next === 'gone');
    expect(gone).toEqual([{ state: 'waiting', event: 'ended', action: 'nothing', next: 'gone' }]);
  });

  it('lets the process run freely only while it waits for its exec', () => {
    const free = steps.filter(({ action }) => ['resume', 'deliver', 'listen'].includes(action));
    expect(new Set(free.map(({ state, next }) => `${state} ${next}`))).toEqual(new Set(['waiting waiting']));
  });

  it.each(active)('fails on an error, and on a time limit that is over, when %s', (state) => {
    for (const event of ['error', 'timeout'] as const) {
      expect(injectionMachine[state][event]).toEqual({ action: 'kill', next: 'failed' });
    }
  });

  it('makes no call but the planned one, and no process, from its exec on', () => {
    const later = steps.filter(({ state }) => state !== 'waiting');
    for (const event of ['otherCall', 'fault', 'birth', 'otherStop', 'exec'] as const) {
      const actions = later.filter((each) => each.event === event).map(({ action }) => action);
      expect(actions, event).toEqual(['kill', 'kill', 'kill', 'kill']);
    }
    const entries = steps.filter(({ event, action }) => event === 'entry' && action !== 'kill');
    expect(entries.map(({ state, next }) => `${state} ${next}`)).toEqual(['entering returning']);
  });

  it('can end from every state', () => {
    const reaches = (from: ActiveState, seen: readonly string[] = []): Set<string> => {
      const nexts = injectionEvents.map((event) => injectionMachine[from][event].next);
      const ends = new Set<string>(nexts.filter(isFinal));
      for (const next of nexts) {
        if (isFinal(next) || next === from || seen.includes(next)) continue;
        for (const end of reaches(next, [...seen, from])) ends.add(end);
      }
      return ends;
    };
    for (const state of active)
      expect([...reaches(state)], state).toEqual(expect.arrayContaining(['failed', 'done']));
  });

  it('goes the way its picture shows', () => {
    const events: readonly InjectionEvent[] = [
      'birth',
      'exec',
      'return',
      'call',
      'entry',
      'return',
      'call',
      'entry',
      'return',
      'installed',
    ];
    let state: ActiveState = 'waiting';
    const path: string[] = [];
    for (const event of events) {
      const { action, next }: InjectionStep = injectionMachine[state][event];
      path.push(action);
      if (isFinal(next)) expect(next).toBe('done');
      else state = next;
    }
    expect(path.join(' ')).toBe('resume hold prepare enter proceed collect enter proceed collect release');
  });
});
