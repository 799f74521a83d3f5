import type { RuleCases } from '../cases.ts';
import { pod } from '../pods.ts';

const workloads = {};
const rollout = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: r}
spec:
  template:
    spec:
      containers:
      - {name: c, image: x}
`;

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a Rollout of Argo',
      text: rollout,
      options: { workloads },
      at: ['2:7'],
      messages: [/"Rollout" in "argoproj\.io\/v1alpha1"/],
    },
    {
      name: 'a kind that has the name of one of Kubernetes in another group',
      text: rollout.replace('Rollout', 'Deployment'),
      options: { workloads },
      at: ['2:7'],
    },
    {
      name: 'a Workflow of Argo',
      text: 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {templates: [{name: a, container: {image: x}}]}\n',
      options: { workloads },
      at: ['2:7'],
    },
  ],
  clean: [
    { name: 'a pod', text: pod(), options: { workloads } },
    {
      name: 'an object beside the pod that makes none',
      text: `${pod()}---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n`,
      options: { workloads },
    },
    {
      name: 'a definition that speaks of containers',
      text: `${pod()}---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {properties: {containers: {items: {properties: {image: {type: string}}}}}}\n`,
      options: { workloads },
    },
  ],
};
