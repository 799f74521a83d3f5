/**
 * What a program says that containers wait for. It has the name of the function that other commands write with.
 * @module
 */
import { tellStderr } from '../../hook/tell-stderr.ts';
import { visibleReport } from '../render/safe-text.ts';

/** What others wrote is shown and not carried out by a terminal. What finds no room is dropped. */
export function writeStderr(text: string): void {
  tellStderr(visibleReport(text));
}
