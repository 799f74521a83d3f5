"""The module that libseccomp's Python tests import, of the parts that they use; each call is made in Node.

A line of JSON to the socket that OCI_SECCOMP_PYTHON_SERVER names, a line back: {"value": ...}, {"errno": N} where
libseccomp refused, {"usage": TEXT} where the binding did.
"""

import json
import os
import socket
import sys

KILL_PROCESS = 0x80000000
KILL = 0x00000000
TRAP = 0x00030000
LOG = 0x7ffc0000
ALLOW = 0x7fff0000
NOTIFY = 0x7fc00000


def ERRNO(number):
    return 0x00050000 | (number & 0xffff)


def TRACE(number):
    return 0x7ff00000 | (number & 0xffff)


NE, LT, LE, EQ, GE, GT, MASKED_EQ = range(1, 8)

_connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
_connection.connect(os.environ["OCI_SECCOMP_PYTHON_SERVER"])
_lines = _connection.makefile("rw")


def _call(name, *arguments):
    _lines.write(json.dumps([name, *arguments]) + "\n")
    _lines.flush()
    answer = json.loads(_lines.readline())
    if "errno" in answer:
        raise RuntimeError("Library error (errno = %d)" % -answer["errno"])
    if "usage" in answer:
        # What the binding refuses itself, the real module hands to libseccomp, which refuses it.
        raise RuntimeError(answer["usage"])
    return answer.get("value")


def get_api():
    return _call("get_api")


def set_api(level):
    try:
        _call("set_api", level)
    except RuntimeError as error:
        raise ValueError("Invalid level") from error


def system_arch():
    return _call("arch", "native")


def resolve_syscall(arch, syscall):
    if isinstance(syscall, bytes):
        syscall = syscall.decode()
    found = _call("resolve", int(arch), syscall)
    if found is None and isinstance(syscall, str):
        return -1
    if found is None:
        raise ValueError("Unknown syscall %d" % syscall)
    return found if isinstance(syscall, str) else found.encode()


class Arch:
    NATIVE = 0

    def __init__(self, arch=0):
        if isinstance(arch, Arch):
            arch = int(arch)
        if isinstance(arch, bytes):
            arch = arch.decode()
        self._token = _call("arch", arch) if arch != 0 else system_arch()

    def __int__(self):
        return self._token


for _name in ("x86", "x86_64", "x32", "arm", "aarch64", "loongarch64", "m68k", "mips", "mips64", "mips64n32", "mipsel",
              "mipsel64", "mipsel64n32", "parisc", "parisc64", "ppc", "ppc64", "ppc64le", "riscv64", "s390", "s390x",
              "sh", "sheb"):
    setattr(Arch, _name.upper(), _call("token", _name))


class Attr:
    (ACT_DEFAULT, ACT_BADARCH, CTL_NNP, CTL_TSYNC, API_TSKIP, CTL_LOG, CTL_SSB, CTL_OPTIMIZE, API_SYSRAWRC,
     CTL_WAITKILL) = range(1, 11)


class Arg:
    def __init__(self, arg, op, datum_a, datum_b=0):
        self.fields = [arg, op, str(datum_a), str(datum_b)]


class SyscallFilter:
    def __init__(self, defaction):
        self._default = defaction
        self._id = _call("init", defaction)

    def _do(self, name, *arguments):
        return _call(name, self._id, *arguments)

    def reset(self, defaction=-1):
        try:
            self._do("reset", self._default if defaction == -1 else defaction)
        except RuntimeError as error:
            raise ValueError("Invalid action") from error
        if defaction != -1:
            self._default = defaction

    def merge(self, other):
        self._do("merge", other._id)
        # As the real module: the other filter starts anew.
        other._id = _call("init", other._default)

    def exist_arch(self, arch):
        return self._do("exist_arch", int(arch))

    def add_arch(self, arch):
        self._do("add_arch", int(arch))

    def remove_arch(self, arch):
        self._do("remove_arch", int(arch))

    def get_attr(self, attr):
        return self._do("get_attr", attr)

    def set_attr(self, attr, value):
        self._do("set_attr", attr, int(value))

    def syscall_priority(self, syscall, priority):
        self._do("syscall_priority", _name_of(syscall), priority)

    def add_rule(self, action, syscall, *arguments):
        self._do("add_rule", action, _name_of(syscall), [each.fields for each in arguments])

    def add_rule_exactly(self, action, syscall, *arguments):
        self._do("add_rule_exactly", action, _name_of(syscall), [each.fields for each in arguments])

    def precompute(self):
        self._do("precompute")

    def start_transaction(self):
        self._do("start_transaction")

    def commit_transaction(self):
        self._do("commit_transaction")

    def reject_transaction(self):
        self._do("reject_transaction")

    def export_bpf_mem(self):
        return bytes.fromhex(self._do("export_bpf"))

    def export_bpf(self, file):
        _write(file, bytes.fromhex(self._do("export_bpf")))

    def export_pfc(self, file):
        _write(file, self._do("export_pfc").encode())


def _name_of(syscall):
    return syscall.decode() if isinstance(syscall, bytes) else syscall


def _write(file, data):
    file.flush()
    try:
        os.write(file.fileno(), data)
    except OSError as error:
        raise RuntimeError("Library error (errno = %d)" % -error.errno) from error
