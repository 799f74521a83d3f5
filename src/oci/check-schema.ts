/**
 * The form of a profile: what the JSON Schemas say, as problems with places and words.
 *
 * The compiled schemas see a plain value with keys in canonical spelling. Numbers are not part of it: their exact
 * ranges are checked on the tree (checks/check-numbers.ts).
 * @module
 */
import type { Suggest } from './checks/check-context.ts';
import type { ForeignDialect } from './dialect-rows.ts';
import type { Node } from './document.ts';
import { explainErrors, type SchemaError } from './explain-schema-error.ts';
import { docker } from './generated/validate-docker.generated.ts';
import { kubernetes } from './generated/validate-kubernetes.generated.ts';
import { oci } from './generated/validate-oci.generated.ts';
import { ociConfig } from './generated/validate-oci-config.generated.ts';
import { podman } from './generated/validate-podman.generated.ts';
import type { FoundProblem } from './problems.ts';
import type { Dialect } from './profile.ts';
import { type SchemaValue, toSchemaValue } from './schema-value.ts';

type Validator = ((value: SchemaValue) => boolean) & { errors?: SchemaError[] | null };

/** A dialect that has a schema. */
export type JsonDialect = Exclude<Dialect, ForeignDialect>;

/** Functions: a file is loaded when its validator is first looked at (tools/program-chunks.mjs). */
const validatorOf: Readonly<Record<JsonDialect, () => Validator>> = {
  oci: () => oci as Validator,
  'oci-config': () => ociConfig as Validator,
  docker: () => docker as Validator,
  podman: () => podman as Validator,
  kubernetes: () => kubernetes as Validator,
};

/** Checks a document of the dialect against its schema. */
export function checkSchema(root: Node, dialect: JsonDialect, suggest: Suggest): FoundProblem[] {
  const findings: FoundProblem[] = [];
  const validate = validatorOf[dialect]();
  if (validate(toSchemaValue(root, dialect, findings))) return findings;
  return [...findings, ...explainErrors(root, validate.errors ?? [], { dialect, suggest })];
}
