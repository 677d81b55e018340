"""System calls that no notebook needs, refused by the kernel itself (seccomp, classic BPF).

The namespaces hold without this; it takes away ways of attacking the kernel: new namespaces,
mounts, tracing, keyrings, BPF, io_uring, and sockets other than local ones and those of an empty
network (a virtual machine's `vsock` knows no namespaces); and memory that belongs to no process,
which nobody counts where there are no control groups.
"""

import ctypes
import errno
import platform
import socket
import struct

# number of a call on x86_64, on aarch64 (None: it has none)
_CALLS = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "quotactl": (179, 60),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "personality": (135, 92),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "fanotify_init": (300, 262),
}
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_SOCKET, _CLONE, _CLONE3 = (41, 198), (56, 220), (435, 435)
_NEW_NAMESPACE = 0x7E020080  # CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET, TIME
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 32  # offsets in struct seccomp_data


def supported() -> bool:
    """Are the numbers of this machine's calls known here?"""
    return platform.machine() in _MACHINES


def program() -> bytes:
    """The filter as the kernel reads it.

    Raises
    ------
    KeyError
        On a machine whose calls are not known here.
    """
    column, arch = _MACHINES[platform.machine()]
    step = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _KILL)]
    step += [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _KILL)]
    for numbers in _CALLS.values():
        if numbers[column] is not None:
            step += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]
    # The C library falls back from clone3, whose flags lie where a filter cannot look.
    step += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    step += [(_EQUAL, 0, 3, _CLONE[column]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    step += [(_ANY_BIT, 0, 1, _NEW_NAMESPACE), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]
    step += [(_LOAD, 0, 0, _NUMBER), (_EQUAL, 0, 8, _SOCKET[column])]
    families = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
    step += [(_LOAD, 0, 0, _FIRST_ARGUMENT)]
    step += [(_EQUAL, 6 - k, 0, int(family)) for k, family in enumerate(families)]
    # libzmq asks the kernel which (empty) network there is: netlink, protocol 0 only.
    step += [(_EQUAL, 0, 2, socket.AF_NETLINK), (_LOAD, 0, 0, _THIRD_ARGUMENT), (_EQUAL, 1, 0, 0)]
    step += [(_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", code, yes, no, k) for code, yes, no, k in step)


def install(libc: ctypes.CDLL) -> None:
    """Filter this process and all that it starts; cannot be undone.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    code = program()
    buffer = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: a short, and a pointer at its own alignment
    head = struct.pack("HP", len(code) // 8, ctypes.addressof(buffer))
    prctl_set_seccomp, mode_filter = 22, 2
    if libc.prctl(prctl_set_seccomp, mode_filter, ctypes.c_char_p(head), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refuses the filter of system calls")
