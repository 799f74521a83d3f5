/**
 * Imported for its effect: processes that are measured get none of the variables that change what a start of Node costs.
 * NODE_EXTRA_CA_CERTS alone, with the certificates of a distribution, makes `node -e 0` two and a half times as expensive.
 * @module
 */
const CHANGES_STARTS = ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'NODE_COMPILE_CACHE', 'NODE_V8_COVERAGE'];

for (const name of CHANGES_STARTS) delete process.env[name];
