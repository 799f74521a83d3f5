import type { RuleCases } from '../cases.ts';
import { pod, secured } from '../pods.ts';

const workloads = {};

export const cases: RuleCases = {
  flagged: [
    {
      name: 'no profile',
      text: pod(),
      options: { workloads },
      at: ['7:5'],
      messages: [/names no seccomp profile/],
    },
    {
      name: 'a container that overrides its pod',
      text: pod({ spec: secured('type: RuntimeDefault'), container: `, ${secured('type: Unconfined')}` }),
      options: { workloads },
      at: ['7:43'],
      messages: [/type Unconfined/],
    },
    {
      name: 'a privileged container on nodes with seccompDefault',
      text: pod({ container: ', securityContext: {privileged: true}' }),
      options: { workloads: { seccompDefault: true } },
      at: ['7:43'],
      messages: [/it is privileged/],
    },
    {
      name: 'null, which is no profile',
      text: pod({ spec: 'securityContext: {seccompProfile: null}' }),
      options: { workloads },
      at: ['7:5'],
    },
    {
      name: 'every list of containers, in the job of a CronJob',
      text: `{"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": {
  "containers": [{"name": "a"}],
  "initContainers": [{"name": "b"}],
  "ephemeralContainers": [{"name": "c"}]
}}}}}}`,
      options: { workloads },
      at: ['2:18', '3:22', '4:27'],
    },
  ],
  clean: [
    {
      name: "the pod's profile",
      text: pod({ spec: secured('type: RuntimeDefault') }),
      options: { workloads },
    },
    {
      name: 'no profile on nodes with seccompDefault',
      text: pod(),
      options: { workloads: { seccompDefault: true } },
    },
    {
      name: 'a container that overrides its pod with a profile',
      text: pod({ spec: secured('type: Unconfined'), container: `, ${secured('type: RuntimeDefault')}` }),
      options: { workloads },
    },
    {
      name: 'another Deployment',
      text: pod().replace('v1\nkind: Pod', 'example.com/v1\nkind: Deployment'),
      options: { workloads },
    },
  ],
};
