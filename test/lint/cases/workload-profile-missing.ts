import type { RuleCases } from '../cases.ts';
import { pod, secured } from '../pods.ts';

const workloads = { hasProfile: (path: string) => path === 'profiles/a.json' };
const named = (path: string) => secured(`type: Localhost, localhostProfile: ${path}`);

export const cases: RuleCases = {
  flagged: [
    {
      name: "the pod's profile",
      text: pod({ spec: named('a.json') }),
      options: { workloads },
      at: ['5:73'],
      messages: [/"a\.json"/],
    },
    {
      name: "the container's profile",
      text: pod({ spec: named('profiles/a.json'), container: `, ${named('b.json')}` }),
      options: { workloads },
      at: ['7:95'],
    },
  ],
  clean: [
    {
      name: 'a profile that is there',
      text: pod({ spec: named('profiles/a.json') }),
      options: { workloads },
    },
    { name: 'no folder given', text: pod({ spec: named('a.json') }), options: { workloads: {} } },
    {
      name: 'a pod whose profile no container gets',
      text: pod({ spec: named('a.json'), container: `, ${named('profiles/a.json')}` }),
      options: { workloads },
    },
  ],
};
