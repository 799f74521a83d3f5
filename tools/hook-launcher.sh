# What `oci-seccomp hook config` lets runtimes call: sh -c 'ulimit -n 1024; . "$0"' THIS NODE PROGRAM hook STAGE ...
# Node cannot start in every limit, and crun hands a container's limits on to its hooks. Those that are too low are
# raised first, which root may do. Where that fails, the hook fails, and the log gets a line from here.
# Only builtins are used until then: a limit on processes or open files must not matter.
node=$1 program=$2
# The configuration names an environment without these. Where it got lost, the runtime's own one must not load code.
unset NODE_OPTIONS NODE_PATH

log() {
  target= previous=
  for word do
    case $previous in --log) target=$word ;; esac
    case $word in --log=*) target=${word#--log=} ;; esac
    previous=$word
  done
  # The state, or a config.json: its id is the first thing said of a container.
  text=
  while IFS= read -r line || [ -n "$line" ]; do
    text=$text$line line=
    case $text in *'"id"'*'"'*'"'*) break ;; esac
  done
  id=-
  case $text in
    *'"id"'*)
      id=${text#*'"id"'}
      id=${id#*\"}
      id=${id%%\"*}
      case $id in '' | *[!A-Za-z0-9_.+-]*) id=- ;; esac
      ;;
  esac
  reason="container $id: refused: reason=\"$reason\""
  echo "error: $reason" >&2
  case $target in
    syslog) logger -t oci-seccomp-hook -p daemon.err "$reason" ;;
    /*)
      now=$(date -u +%Y-%m-%dT%H:%M:%S.000Z) || now=-
      (umask 077 && echo "$now oci-seccomp-hook[$$] error $reason" >>"$target")
      ;;
  esac
}

enough() {
  now=$(ulimit -S "$1")
  [ "$now" = unlimited ] || [ "$now" -ge "$2" ]
}
# Only root with CAP_SYS_RESOURCE may go beyond the hard limit.
raise() {
  enough "$1" "$2" || ulimit "$1" "$2" || ulimit -S "$1" "$(ulimit -H "$1")"
  enough "$1" "$2" || low="$low, $3 $now (needed: $2)"
} 2>/dev/null
# Node 20 starts with about half of that, Node 24 with two thirds. Sizes in KiB, files in blocks of 512 bytes.
low=
raise -v 4194304 'address space in KiB'
raise -d 1048576 'data in KiB'
raise -s 1024 'stack in KiB'
raise -n 64 'open files'
raise -f 2048 'file size in blocks'
raise -t 10 'processor time in s'

reason=
if [ -n "$low" ]; then
  # This shell is to be told of a log that is too long, not to be ended by it.
  trap '' XFSZ
  reason="Node cannot start in the limits of the container, and they cannot be raised: ${low#, }"
elif ! [ -x "$node" ]; then
  reason="$node is not there or cannot be executed: run oci-seccomp hook config again"
elif ! [ -r "$program" ]; then
  reason="$program is not there: run oci-seccomp hook config again"
else
  exec "$@"
fi
log "$@"
exit 1
