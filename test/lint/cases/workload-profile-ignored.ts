import type { RuleCases } from '../cases.ts';
import { pod, secured } from '../pods.ts';

const workloads = {};
const spec = secured('type: RuntimeDefault');

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a profile of a privileged container',
      text: pod({ container: `, ${secured('type: RuntimeDefault', ', privileged: true')}` }),
      options: { workloads },
      at: ['7:83'],
      messages: [/of the container does not apply/],
    },
    {
      name: 'the profile of the pod of a privileged container',
      text: pod({ spec, container: ', securityContext: {privileged: true}' }),
      options: { workloads },
      at: ['7:43'],
      messages: [/of the pod does not apply/],
    },
    {
      name: 'annotations',
      text: pod({
        spec,
        metadata:
          ', annotations: {seccomp.security.alpha.kubernetes.io/pod: a, container.seccomp.security.alpha.kubernetes.io/c: b, x: y}',
      }),
      options: { workloads },
      at: ['3:37', '3:82'],
    },
  ],
  clean: [
    { name: 'no annotation', text: pod({ spec }), options: { workloads } },
    {
      name: 'privileged: false',
      text: pod({ spec, container: ', securityContext: {privileged: false}' }),
      options: { workloads },
    },
  ],
};
