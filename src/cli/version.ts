/**
 * The package's version; a test compares it with package.json, which is not read at start-up.
 * @module
 */
export const PACKAGE_VERSION = '0.2.0';
