/**
 * Texts of pods for the cases of rules.
 */

/** A pod with one container; each line is added to its spec, to the container and to the metadata. */
export function pod({ spec = '', container = '', metadata = '' } = {}): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: web${metadata}}
spec:
  ${spec}
  containers:
  - {name: c, image: x${container}}
`;
}

/** A securityContext with a profile. */
export function secured(profile: string, more = ''): string {
  return `securityContext: {seccompProfile: {${profile}}${more}}`;
}
