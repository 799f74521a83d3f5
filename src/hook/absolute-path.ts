/** Whether text is a path that names the same file in whatever folder it is read, and that the kernel can take. */
export function isAbsolutePath(text: string): boolean {
  return text.startsWith('/') && !text.includes('\0');
}
