/**
 * The annotation by which a container names its profile.
 * @module
 */

/** Its value names a file in the folder of profiles that the administrator has chosen, for hooks and wrapper alike. */
export const PROFILE_ANNOTATION = 'dev.oci-seccomp.profile';
