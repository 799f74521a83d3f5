/**
 * A completion script for bash, 4.4 or newer (bash(1), "Programmable Completion"); it needs no package beside bash.
 * @module
 */
import type { CompletedCommand, Offer } from './completion-model.ts';

export function bashCompletion(program: string, commands: readonly CompletedCommand[]): string {
  const verbs = commands.filter(({ name }) => !name.includes(' '));
  const parents = verbs.filter(({ below }) => below.length > 0);
  return `# bash completion for ${program}: eval "$(${program} completion bash)"

# Offers words, and files, folders or commands beside them.
_oci_seccomp_offer() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
  case "$2" in
    file) compopt -o filenames 2>/dev/null; mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur") ;;
    folder) compopt -o filenames 2>/dev/null; mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$cur") ;;
    command) mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -c -- "$cur") ;;
  esac
  # bash takes what stands before a colon for a word of its own.
  if [[ $colon == *:* ]]; then COMPREPLY=("\${COMPREPLY[@]#"\${colon%"\${colon##*:}"}"}"); fi
}

_oci_seccomp() {
  local cur prev verb= operands=0 i word colon= values=
  local -a words=()
  # Joins what bash splits at = and :, so that --format=json and pid:1 are words again.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((\${#words[@]} > 0)) && [[ $word == : || \${words[-1]} == *: ]]; then words[-1]+=$word
    elif [[ $word == = ]]; then continue
    else words+=("$word")
    fi
  done
  # Behind a bare = nothing stands yet.
  if [[ \${COMP_WORDS[COMP_CWORD]} == = ]]; then words+=(''); fi
  cur=\${words[-1]}
  [[ $cur == *:* ]] && colon=$cur
  prev=
  ((\${#words[@]} > 1)) && prev=\${words[-2]}
  for ((i = 0; i < \${#words[@]} - 1; i++)); do
    word=\${words[i]}
    if [[ $word == -* ]]; then
      if [[ " $values " == *" $word "* ]]; then i=$((i + 1)); fi
    elif [[ -z $verb ]]; then
      verb=$word
      values=$(_oci_seccomp_values "$verb")
${parents
  .map(
    ({ name, below }) => `    elif [[ $verb == ${name} && " ${below.join(' ')} " == *" $word "* ]]; then
      verb="$verb $word"
      values=$(_oci_seccomp_values "$verb")`,
  )
  .join('\n')}
    else
      operands=$((operands + 1))
    fi
  done
  case "$verb" in
    '')
      case "$cur" in
        -*) _oci_seccomp_offer '--help --version' ;;
        *) _oci_seccomp_offer '${[...verbs.map(({ name }) => name), 'help'].join(' ')}' ;;
      esac ;;
    help) _oci_seccomp_offer '${verbs.map(({ name }) => name).join(' ')}' ;;
${commands.map(renderCommand).join('\n')}
  esac
}

# Options of a command that take the next word.
_oci_seccomp_values() {
  case "$1" in
${commands.map(({ name, options }) => `    ${quote(name)}) echo '${options.flatMap((option) => (option.value === undefined ? [] : flags(option))).join(' ')}' ;;`).join('\n')}
  esac
}

complete -F _oci_seccomp ${program}
`;
}

function renderCommand({
  name,
  options,
  operands,
  isVariadic,
  passThrough,
  below,
}: CompletedCommand): string {
  const values = options.flatMap((option) =>
    option.value === undefined
      ? []
      : [`        ${flags(option).join('|')}) ${offer(option.value)}; return ;;`],
  );
  const places = operands.map(({ offer: each }, i) => {
    const pattern = isVariadic && i === operands.length - 1 ? '*' : String(i);
    return `            ${pattern}) ${offer(each)} ;;`;
  });
  // Words of the command that `run` starts: offer files, as a shell does without a completion.
  const own = passThrough
    ? [
        `            0) ${offer(operands[0]?.offer ?? { words: [] })} ;;`,
        `            *) ${offer({ words: [], files: 'file' })} ;;`,
      ]
    : places;
  const listed = below.length > 0 ? [`            0) ${offer({ words: below })} ;;`] : own;
  const names = options.map(({ long }) => `--${long}`).join(' ');
  return `    ${quote(name)})
      case "$prev" in
${values.join('\n')}
      esac
      case "$cur" in
        -*) ${passThrough ? '((operands == 0)) && ' : ''}_oci_seccomp_offer '${names}' ;;
        *)
          case "$operands" in
${listed.join('\n')}
          esac ;;
      esac ;;`;
}

function flags({
  long,
  short,
}: {
  readonly long: string;
  readonly short: string | undefined;
}): readonly string[] {
  return short === undefined ? [`--${long}`] : [`--${long}`, `-${short}`];
}

function offer({ words, files }: Offer): string {
  return `_oci_seccomp_offer '${words.join(' ')}'${files === undefined ? '' : ` ${files}`}`;
}

function quote(name: string): string {
  return name.includes(' ') ? `'${name}'` : name;
}
