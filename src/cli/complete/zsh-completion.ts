/**
 * A completion function for zsh (zshcompsys(1): `_arguments`, `_alternative`, `_describe`).
 * @module
 */
import type { CompletedCommand, CompletedOption, Offer } from './completion-model.ts';

export function zshCompletion(program: string, commands: readonly CompletedCommand[]): string {
  const verbs = commands.filter(({ name }) => !name.includes(' '));
  return `#compdef ${program}
# zsh completion for ${program}: ${program} completion zsh >"\${fpath[1]}/_${program}"

_oci_seccomp() {
  local curcontext="$curcontext" state line ret=1
  local -A opt_args
  _arguments -C \\
    '(- *)'{-h,--help}'[print help]' \\
    '(- *)'{-V,--version}'[print the version]' \\
    '1:command:->verb' \\
    '*::argument:->argument' && ret=0
  case $state in
    verb)
      local -a verbs=(
${[...verbs.map(({ name, summary }) => `        ${describe(name, summary)}`), "        'help:print help for a command'"].join('\n')}
      )
      _describe -t commands 'command' verbs && ret=0 ;;
    argument)
      case $words[1] in
        help) _values 'command' ${verbs.map(({ name }) => name).join(' ')} && ret=0 ;;
${verbs.map((command) => renderVerb(command, commands)).join('\n')}
      esac ;;
  esac
  return ret
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _oci_seccomp "$@"; else compdef _oci_seccomp ${program}; fi
`;
}

function renderVerb(command: CompletedCommand, commands: readonly CompletedCommand[]): string {
  if (command.below.length === 0) return `        ${command.name})\n${argumentsOf(command, '          ')} ;;`;
  const stages = command.below.map((name) =>
    commands.find((each) => each.name === `${command.name} ${name}`),
  );
  const inner = stages.flatMap((stage, i) =>
    stage === undefined
      ? []
      : [`            ${command.below[i]})\n${argumentsOf(stage, '              ')} ;;`],
  );
  const list = stages.flatMap((stage, i) =>
    stage === undefined ? [] : [`              ${describe(command.below[i] ?? '', stage.summary)}`],
  );
  return `        ${command.name})
          if ((CURRENT == 2)); then
            local -a stages=(
${list.join('\n')}
            )
            _describe -t stages 'stage' stages && ret=0
          else
            shift words
            ((CURRENT--))
            case $words[1] in
${inner.join('\n')}
            esac
          fi ;;`;
}

function argumentsOf(
  { options, operands, isVariadic, passThrough }: CompletedCommand,
  indent: string,
): string {
  const places = operands.map(({ name, offer }, i) => {
    const place = isVariadic && i === operands.length - 1 ? '*' : `${i + 1}`;
    return `'${place}:${name}:${action(offer)}'`;
  });
  const rest = passThrough ? ["'*::command:_normal'"] : places;
  return `${indent}_arguments ${[...options.map(optionSpec), ...rest].join(` \\\n${indent}  `)} && ret=0`;
}

function optionSpec({ long, short, help, value, isRepeatable }: CompletedOption): string {
  const names = short === undefined ? [`--${long}`] : [`-${short}`, `--${long}`];
  const excluded = isRepeatable ? "'*'" : `'(${names.join(' ')})'`;
  // With a value: `--long=value` and `--long value`, `-svalue` and `-s value`.
  const marked =
    value === undefined ? names : names.map((each) => each + (each.startsWith('--') ? '=' : '+'));
  const listed = marked.length === 1 ? marked[0] : `{${marked.join(',')}}`;
  const text = `[${help.replace(/[[\]:\\]/g, '\\$&')}]`;
  const rest = value === undefined ? text : `${text}:${long}:${optionAction(value)}`;
  return `${excluded}${listed}'${rest.replaceAll("'", `'\\''`)}'`;
}

/** An option can have several values, so a colon ends the action of one; that of an operand is the rest of its text. */
function optionAction(offer: Offer): string {
  const text = action(offer);
  return text.startsWith('{') ? text.replaceAll(':', '\\:') : text;
}

function action({ words, files }: Offer): string {
  const list =
    words.length === 0 ? undefined : `(${words.map((word) => word.replace(/[:\\]/g, '\\$&')).join(' ')})`;
  const found =
    files === undefined
      ? undefined
      : { file: '_files', folder: '_files -/', command: '_command_names -e' }[files];
  if (list === undefined) return found ?? ' ';
  if (found === undefined) return list;
  return `{_alternative "words:word:${list.replaceAll('\\', '\\\\')}" "files:file:${found}"}`;
}

function describe(name: string, summary: string): string {
  return `'${name}:${summary.replaceAll("'", `'\\''`)}'`;
}
