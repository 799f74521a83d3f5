/**
 * The steps in which a process gets its filter, from its execve(2) on, where no_new_privs has to be set: two calls.
 * @module
 */

export const injectionSteps = [
  'waiting exec',
  'leaving return',
  '1 planning call',
  '1 entering entry',
  '1 returning return',
  '2 planning call',
  '2 entering entry',
  '2 returning return',
  'planning installed',
] as const;
