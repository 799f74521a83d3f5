export async function runDryRun(_: string, __: readonly string[], ___: unknown): Promise<number> {
  return 0;
}
