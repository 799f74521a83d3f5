/**
 * Arrow keys in the matrix: one cell is in the order of Tab, the others are reached from it.
 * @module
 */

/** Moves the focus to the next cell in the direction of the key. */
export function moveFocus(body: HTMLElement, event: KeyboardEvent): void {
  const cells = [...body.querySelectorAll<HTMLElement>('.cell')];
  const at = cells.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  const next = target(cells, at, event.key);
  if (next === undefined) return;
  event.preventDefault();
  for (const cell of cells) if (cell.tabIndex === 0) cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function target(cells: readonly HTMLElement[], at: number, key: string): HTMLElement | undefined {
  switch (key) {
    case 'ArrowRight':
      return cells[at + 1];
    case 'ArrowLeft':
      return cells[at - 1];
    case 'Home':
      return cells[0];
    case 'End':
      return cells.at(-1);
    case 'ArrowDown':
      return inNextRow(cells.slice(at), 1);
    case 'ArrowUp':
      return inNextRow(cells.slice(0, at + 1).toReversed(), -1);
    default:
      return undefined;
  }
}

/** The cell of the next row that is nearest to the first one's column. */
function inNextRow([own, ...others]: readonly HTMLElement[], direction: 1 | -1): HTMLElement | undefined {
  if (own === undefined) return undefined;
  const { top, left } = own.getBoundingClientRect();
  let best: { readonly cell: HTMLElement; readonly off: number } | undefined;
  let row: number | undefined;
  for (const cell of others) {
    const box = cell.getBoundingClientRect();
    if ((box.top - top) * direction < 1) continue;
    row ??= box.top;
    if (Math.abs(box.top - row) > 1) break;
    const off = Math.abs(box.left - left);
    if (best === undefined || off < best.off) best = { cell, off };
  }
  return best?.cell;
}
