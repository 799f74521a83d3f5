import type { RuleCases } from '../cases.ts';
import { pod, secured } from '../pods.ts';

const workloads = {};
const flagged = (name: string, profile: string, at: string, message: RegExp) => ({
  name,
  text: pod({ spec: secured(profile) }),
  options: { workloads },
  at: [at],
  messages: [message],
});

export const cases: RuleCases = {
  flagged: [
    flagged('a type that does not exist', 'type: runtime/default', '5:44', /no type of a seccompProfile/),
    flagged('no type', '', '5:21', /has no type/),
    flagged('Localhost without a file', 'type: Localhost', '5:21', /names no file/),
    flagged(
      'a file with another type',
      'type: RuntimeDefault, localhostProfile: a',
      '5:60',
      /does not go with/,
    ),
    flagged('an absolute path', 'type: Localhost, localhostProfile: /a.json', '5:73', /leads out/),
    flagged('a path with ..', 'type: Localhost, localhostProfile: a/../b.json', '5:73', /leads out/),
    flagged(
      'a type that Helm is to put in',
      'type: "{{ .Values.seccomp }}"',
      '5:44',
      /a mark of a template, "\{\{ \.Values\.seccomp \}\}"/,
    ),
    flagged(
      'a path that Helm is to put in',
      'type: Localhost, localhostProfile: "a/{{ .Values.file }}"',
      '5:73',
      /a mark of a template/,
    ),
    {
      name: 'a pod for Windows',
      text: pod({ spec: `os: {name: windows}\n  ${secured('type: RuntimeDefault')}` }),
      options: { workloads },
      at: ['6:21'],
    },
    {
      name: 'no containers',
      text: 'apiVersion: v1\nkind: Pod\nspec: {}\n',
      options: { workloads },
      at: ['3:1'],
    },
    {
      name: 'no spec',
      text: 'apiVersion: apps/v1\nkind: Deployment\n',
      options: { workloads },
      at: ['2:1'],
    },
  ],
  clean: [
    {
      name: 'a file name with two dots',
      text: pod({ spec: secured('type: Localhost, localhostProfile: a..b.json') }),
      options: { workloads },
    },
    {
      name: 'a pod for Windows without a profile',
      text: pod({ spec: 'os: {name: windows}' }),
      options: { workloads },
    },
  ],
};
