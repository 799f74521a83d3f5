/**
 * Elements. Text is only ever set as text: nothing of a profile becomes markup.
 * @module
 */
import { replaceUnsafeInLines } from '../../abi/visible-json.ts';

/** An event's listener, an attribute, or `false` for none. */
type Attribute = string | number | boolean | undefined | ((event: Event) => void);
export type Child = Node | string | false | undefined;

/** Makes an element: `onclick` and its like are listeners, all else attributes. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice('on'.length), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, visible(String(value)));
  }
  fill(element, ...children);
  return element;
}

/** A text in which characters that hide, or that turn the direction of reading, are shown as `\\u{202e}`. */
function visible(text: string): string {
  return replaceUnsafeInLines(text, (character) =>
    character === '\n' || character === '\t' ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** Replaces what an element holds. */
export function fill(element: Element, ...children: readonly Child[]): void {
  const shown = children.filter((child) => child !== false && child !== undefined);
  element.replaceChildren(...shown.map((child) => (typeof child === 'string' ? visible(child) : child)));
}

/** A drop-down list. */
export function choice(
  id: string,
  options: readonly { readonly value: string; readonly label: string }[],
  chosen: string,
  change: (value: string) => void,
): HTMLSelectElement {
  const list = h(
    'select',
    { id, onchange: () => change(list.value) },
    ...options.map(({ value, label }) => h('option', { value, selected: value === chosen }, label)),
  );
  return list;
}

/** The first names of a list, and how many more there are; a reader can open the rest. */
export function nameList(
  names: readonly string[],
  most: number,
  pick?: (name: string) => void,
): readonly Child[] {
  const one = (name: string): Child =>
    pick === undefined
      ? name
      : h('button', { type: 'button', class: 'link mono', onclick: () => pick(name) }, name);
  // A line may break after a comma, not before it.
  const joined = (list: readonly string[]): readonly Child[] =>
    list.flatMap((name, at) =>
      at === list.length - 1 ? [one(name)] : [h('span', { class: 'nowrap' }, one(name), ','), ' '],
    );
  if (names.length <= most) return joined(names);
  const rest = h('span', {});
  const more = h(
    'button',
    {
      type: 'button',
      class: 'link',
      onclick: () => {
        fill(rest, ', ', ...joined(names.slice(most)));
        more.remove();
      },
    },
    `and ${names.length - most} more`,
  );
  return [...joined(names.slice(0, most)), rest, ' ', more];
}

/** `1 call`, `2 calls`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
