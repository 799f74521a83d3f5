/**
 * Lets fast-check draw the same samples in every run, so that a test which fails tells of the change and not of chance. All samples
 * (see support/samples.ts) are drawn anew each time, to find what nobody has met; fast-check prints the seed of those that fail.
 * @module
 */
import fc from 'fast-check';
import { hasAllSamples } from './support/samples.ts';

const asked = process.env.OCI_SECCOMP_SEED;

if (asked !== undefined) fc.configureGlobal({ seed: Number(asked) });
else if (!hasAllSamples) fc.configureGlobal({ seed: 20_261_201 });
