#!/bin/sh
':' /* This is a program of the shell up to the end of this comment, and of Node from there on.
# Engines call a runtime several times a container, and only `create` and `run` make one. All other calls go to the
# real runtime from here, without Node: if no word is one of the two, and the configuration, which is the caller's and
# not to be written by others, has its "runtime" as an absolute path on a line of its own.
# Nothing below may leave the shell's process: what it inherits is what the real runtime is to inherit.
config=${OCI_SECCOMP_CONFIG:-/etc/oci-seccomp/config.json}
makes= real=
for word do
  case $word in create | run) makes=1 ;; esac
done
if [ -z "$makes" ] && [ -f "$config" ] && [ -O "$config" ]; then
  case $(ls -ldL -- "$config") in -????-??-*)
    while IFS= read -r line; do
      case $line in
        *\\*) ;;
        *'"runtime": "/'*'"' | *'"runtime": "/'*'",')
          before=${line%%'"runtime"'*}
          value=${line#*'"runtime": "'}
          value=${value%,}
          value=${value%\"}
          case $before in *[!\ ]*) continue ;; esac
          case $value in *\"*) continue ;; esac
          real=$value
          ;;
      esac
    done <"$config"
    ;;
  esac
  if [ -f "$real" ] && [ -x "$real" ] && ! [ "$real" -ef "$0" ]; then exec "$real" "$@"; fi
fi
# Node changes limits, signals and descriptors at its start: they are noted, so that they can be put back.
limit= ignored= blocked= open=
while read -r a b c soft rest; do
  if [ "$a $b $c" = 'Max open files' ]; then limit=$soft; fi
done </proc/self/limits
while read -r key value; do
  case $key in SigIgn:) ignored=$value ;; SigBlk:) blocked=$value ;; esac
done </proc/self/status
for path in /proc/self/fd/[0-9]*; do
  if [ -e "$path" ] && ! [ "$path" -ef "$0" ]; then open=$open,${path##*[!0-9]}; fi
done
export OCI_SECCOMP_LAUNCHED="$limit $ignored $blocked ${open#,}"
# What Node would load for it is not meant for this program; the real runtime gets it back.
if [ -n "${NODE_OPTIONS+set}" ]; then
  export OCI_SECCOMP_NODE_OPTIONS="$NODE_OPTIONS"
  unset NODE_OPTIONS
fi
node=node
if [ -x "${0%"${0##*[/]}"}node" ]; then node=${0%"${0##*[/]}"}node; fi
if ! command -v "$node" >/dev/null; then
  echo 'oci-seccomp-runtime: error: there is no node in PATH, and none beside this program' >&2
  exit 1
fi
exec "$node" "$0" "$@"
*/
