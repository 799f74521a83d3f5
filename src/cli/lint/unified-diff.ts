/**
 * Unified diffs, as patch(1) takes them.
 * @module
 */
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

const CONTEXT_LINES = 3;

/** The changes from one text of a file to another; empty if the texts are equal. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  // patch -p1 takes the first part of a path away, and takes no absolute ones.
  const path = file.replace(/^(\.?\/)+/, '');
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, {
    context: CONTEXT_LINES,
    headerOptions: FILE_HEADERS_ONLY,
  });
}
