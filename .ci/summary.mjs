// Closes a test run with one plain line of counts, from the runner's own report; no test executed is a failure.
import { readFileSync } from 'node:fs';

const [reportFile, status] = process.argv.slice(2);
let counts = { passed: 0, failed: 0, skipped: 0 };
try {
  const report = JSON.parse(readFileSync(reportFile, 'utf8'));
  // A file that cannot be loaded, or whose set-up fails, has no test that failed.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
  );
  counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
} catch (error) {
  process.stderr.write(`no report of the test run: ${error.message}\n`);
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = Number(status) || (counts.failed > 0 || counts.passed === 0 ? 1 : 0);
