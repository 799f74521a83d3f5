"""libseccomp-build.py LIBRARY: the part of libseccomp-build.c that building one filter takes, for machines that are
emulated here and have no compiler: init, arch-add, arch-remove, attr, rule, export bpf. Prints the bytes of each export
in hexadecimal digits, a line each, and ends at the first call that fails.
"""
import ctypes
import os
import sys


API_LEVEL = 6


class Comparison(ctypes.Structure):
    """struct scmp_arg_cmp, seccomp.h."""

    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def main():
    library = ctypes.CDLL(sys.argv[1])
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_arch_resolve_name.restype = ctypes.c_uint32
    # The emulator's kernel interface does not say which actions there are.
    library.seccomp_api_set(API_LEVEL)
    context = None
    for line in sys.stdin:
        verb, *words = line.split()
        if verb == "init":
            context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(int(words[0]))))
            code = 0 if context else -1
        elif verb in ("arch-add", "arch-remove"):
            token = ctypes.c_uint32(library.seccomp_arch_resolve_name(words[0].encode()))
            code = (library.seccomp_arch_add if verb == "arch-add" else library.seccomp_arch_remove)(context, token)
        elif verb == "attr":
            code = library.seccomp_attr_set(context, int(words[0]), ctypes.c_uint32(int(words[1])))
        elif verb == "rule":
            code = add_rule(library, context, words)
        else:
            code = export(library, context)
        if code < 0:
            sys.exit(f"{line.strip()}: {code}")


def export(library, context):
    descriptor = os.memfd_create("export")
    code = library.seccomp_export_bpf(context, descriptor)
    print(os.pread(descriptor, os.lseek(descriptor, 0, os.SEEK_END), 0).hex())
    os.close(descriptor)
    return code


def add_rule(library, context, words):
    action, name, *comparisons = words
    numbers = [[int(number) for number in comparison.split(":")] for comparison in comparisons]
    array = (Comparison * len(numbers))(*(Comparison(*each) for each in numbers))
    call = library.seccomp_syscall_resolve_name(name.encode())
    return library.seccomp_rule_add_array(context, ctypes.c_uint32(int(action)), call, len(numbers), array)


main()
