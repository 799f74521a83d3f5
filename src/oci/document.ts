/**
 * A profile's text as a tree that keeps what `JSON.parse` loses: positions, exact integers, duplicate keys.
 * It is the same for JSON and YAML: read-json.ts and read-yaml.ts build it. A YAML value with an anchor stands in the
 * tree once more for each alias, with the place where the value is written.
 * @module
 */

/** Largest text read, in bytes (UTF-16 units for strings): 1 MiB. The largest published profile has 25 KB. */
export const MAX_DOCUMENT_SIZE = 1024 * 1024;

/** A place in the text: byte-order mark excluded, `line` and `column` count from 1, `offset` from 0, in UTF-16 units. */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** From 0, in UTF-16 units. */
  readonly offset: number;
}

/** What every value has. */
export interface NodeBase {
  /** Where the value starts. */
  readonly start: Position;
  /** Just past its end. */
  readonly end: Position;
}
/** An object. */
export interface ObjectNode extends NodeBase {
  /** Tells it from other values. */
  readonly kind: 'object';
  /** In document order, duplicates included. */
  readonly members: readonly Member[];
}
/** A list. */
export interface ArrayNode extends NodeBase {
  /** Tells it from other values. */
  readonly kind: 'array';
  /** Its values, in document order. */
  readonly elements: readonly Node[];
}
/** A text. */
export interface StringNode extends NodeBase {
  /** Tells it from other values. */
  readonly kind: 'string';
  /** The text, escapes resolved. */
  readonly value: string;
}
/** A number. */
export interface NumberNode extends NodeBase {
  /** Tells it from other values. */
  readonly kind: 'number';
  /** As written. */
  readonly text: string;
  /**
   * The exact value if it is written as an integer, else `undefined`: in JSON `-?[0-9]+`, as Go's decoder demands; in
   * YAML also in the bases that its readers in Go know.
   */
  readonly integer: bigint | undefined;
}
/** true or false. */
export interface BooleanNode extends NodeBase {
  /** Tells it from other values. */
  readonly kind: 'boolean';
  /** Which of the two. */
  readonly value: boolean;
}
/** null. */
export interface NullNode extends NodeBase {
  /** Tells it from other values. */
  readonly kind: 'null';
}
/** A value of a document. Integers are kept exactly, and objects keep the order and repetition of their keys. */
export type Node = ObjectNode | ArrayNode | StringNode | NumberNode | BooleanNode | NullNode;

/** A key of an object, and its value. */
export interface Member {
  /** As written. */
  readonly key: string;
  /** Where the key starts, its quotation mark included. */
  readonly keyStart: Position;
  /** What stands under the key. */
  readonly value: Node;
}

/** `*name` of YAML: another use of a value. */
export interface Alias {
  /** Without its asterisk. */
  readonly name: string;
  /** Where it stands. */
  readonly at: Position;
  /** The value, with the place where it is written. */
  readonly target: Node;
}

/** A text as a tree, with a place on every value and exact integers. */
export interface Document {
  /** What to call the text in messages: a path, `<stdin>`, a built-in's name. */
  readonly name: string;
  /** The text, without a byte-order mark. */
  readonly text: string;
  /**
   * How the tree is written, unless the text is JSON. `literal`: JSON in a literal block of YAML, line by line as it is.
   * `other`: in a way that cannot be edited.
   */
  readonly syntax?: 'yaml' | 'literal' | 'other';
  /** In YAML, the values that are written once and stand in the tree several times. */
  readonly aliases?: readonly Alias[];
  /** Its outermost value. */
  readonly root: Node;
}
