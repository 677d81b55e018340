"""Hostile notebooks: what each tries fails, nothing outside changes, the next one is untouched."""

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

import hlmteach
from hlmteach.sandbox import Limits, Runner

PACKAGE = str(Path(hlmteach.__file__).parent)
TRY = """
def tried(*calls):
    said = []
    for call in calls:
        try:
            said.append(repr(call()))
        except Exception as error:
            said.append(type(error).__name__)
    return said
import os, socket, subprocess, signal, sys, ctypes, time
libc = ctypes.CDLL(None, use_errno=True)
"""


def results(said):
    """What the last cell told by raising it."""
    return said.cell_errors[-1].message


# ------------------------------------------------------------------------------ files


def test_files_outside_cannot_be_read(attack, outside, root):
    paths = [outside.secret, root / "README.md", root / "solutions", "/etc/shadow", "/etc/passwd"]
    paths += [Path.home() / ".bashrc", root / ".git", "/proc/1/environ", "/proc/1/root/tmp"]
    calls = ", ".join(f"lambda: os.stat({str(p)!r}) and open({str(p)!r}).read()" for p in paths)
    said = attack(TRY, f"raise ValueError(tried({calls}))")
    errors = {"FileNotFoundError", "PermissionError", "NotADirectoryError"}
    assert set(eval(results(said))) <= errors


def test_symbolic_links_lead_nowhere(attack, outside):
    link = f"os.symlink({str(outside.folder)!r}, 'there')"
    said = attack(TRY, link, "raise ValueError(tried(lambda: open('there/secret.txt').read()))")
    assert results(said) == "['FileNotFoundError']"


def test_nothing_can_be_written_outside(attack, outside):
    places = [outside.secret, f"{PACKAGE}/planted.py", f"{sys.prefix}/planted", "/usr/planted"]
    places += [f"{PACKAGE}/questions/ch04_icc.py", f"{PACKAGE}/questions/__pycache__/planted.pyc"]
    places += ["/planted", "/etc/planted", "/dev/planted", "/dev/pts/planted", "/home/planted"]
    calls = ", ".join(f"lambda: open({str(p)!r}, 'w')" for p in places)
    said = attack(TRY, f"raise ValueError(tried({calls}))")
    assert set(eval(results(said))) <= {"FileNotFoundError", "PermissionError", "OSError"}
    assert not Path(f"{PACKAGE}/planted.py").exists()


def test_the_private_folder_has_a_limit_and_does_not_outlive_the_notebook(attack):
    fill = "with open('big', 'wb') as file:\n    while True: file.write(bytes(1 << 20))"
    many = "for k in range(10**6): open(f'/tmp/{k}', 'w').close()"
    said = attack(fill, many, "open('/dev/shm/planted', 'w').write('x')", file_mb=8)
    assert [error.name for error in said.cell_errors] == ["OSError", "OSError"]


def test_a_module_beside_the_notebook_stays_with_it(attack):
    plant = "".join(
        f"open({name!r}, 'w').write('planted = 1');"
        for name in ("hlmteach.py", "numpy.py", "json.py")
    )
    rest = "import sys; sys.modules['planted'] = sys; del sys.modules['json']; import json"
    said = attack("import os\n" + plant, rest, "import hlmteach as hlm; hlm.check('ch04.icc', 1)")
    assert said.status == "ok" and said.answers["ch04.icc"].value == "1"


# ---------------------------------------------------------------------------- the network


def test_there_is_no_network(attack):
    with socket.socket() as server, socket.socket(socket.AF_UNIX) as local:
        server.bind(("127.0.0.1", 0))
        server.listen()
        local.bind("\0hlmteach-tests")
        local.listen()
        port = server.getsockname()[1]
        said = attack(
            TRY,
            "def local(name):\n    s = socket.socket(socket.AF_UNIX); s.connect(name)",
            f"raise ValueError(tried(lambda: socket.create_connection(('127.0.0.1', {port}), 2), "
            "lambda: socket.create_connection(('192.0.2.1', 80), 2), "
            "lambda: socket.getaddrinfo('example.org', 80), "
            "lambda: local('\\0hlmteach-tests'), "
            "lambda: socket.socket(40, socket.SOCK_STREAM), "
            "lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)))",
        )
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert eval(results(said)) == [
        "OSError",
        "OSError",
        "gaierror",
        "ConnectionRefusedError",
        "OSError",
        "OSError",
    ]


# --------------------------------------------------------------------------- processes


def test_a_fork_bomb_ends(attack):
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    assert attack(bomb, seconds=2, processes=32).status == "timeout"


def test_a_thread_bomb_ends(attack):
    bomb = (
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(9,)).start()"
    )
    said = attack(bomb, "import hlmteach as hlm; hlm.check('ch04.icc', 1)", processes=32)
    assert said.cell_errors[0].name == "RuntimeError" and said.answers["ch04.icc"].value == "1"


def test_processes_left_behind_are_killed(attack):
    daemon = (
        "import os, signal, time\n"
        "for k in range(5):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        if os.fork() == 0:\n"
        "            for s in range(1, 65):\n"
        "                try: signal.signal(s, signal.SIG_IGN)\n"
        "                except (OSError, ValueError): pass\n"
        "            while True: time.sleep(1)\n"
        "        os._exit(0)\n"
    )
    said = attack(daemon, "import atexit; atexit.register(time.sleep, 99)", "!sleep 99 &")
    assert said.status == "ok" and said.seconds < 15


@pytest.mark.parametrize("whom", ["-1", "1", "0", "os.getppid()", "-os.getpgid(1)"])
def test_killing_others_reaches_nobody_outside(attack, whom):
    said = attack("import os, signal", f"os.kill({whom}, signal.SIGKILL)")
    assert said.status in ("ok", "crashed")


def test_other_processes_cannot_be_seen_or_traced(attack):
    said = attack(
        TRY,
        "seen = sorted(p for p in os.listdir('/proc') if p.isdigit())",
        "raise ValueError((seen, [libc.ptrace(16, pid, 0, 0) for pid in (1, os.getppid())], "
        "tried(lambda: open('/proc/1/mem', 'rb'), lambda: open('/proc/1/environ').read())))",
    )
    assert eval(results(said)) == (["1", "2"], [-1, -1], ["PermissionError"] * 2)


def test_no_pipe_or_socket_of_the_machinery_is_open(attack):
    said = attack(
        "import os; raise ValueError({n: os.readlink(f'/proc/self/fd/{n}').split(':')[0] "
        "for n in range(5)}, [n for n in range(5, 1024) if os.path.exists(f'/proc/self/fd/{n}') "
        "and 'job' in os.readlink(f'/proc/self/fd/{n}')])"
    )
    kinds = eval(results(said))[0]
    assert kinds == {0: "/dev/null", 1: "/dev/null", 2: "/dev/null", 3: "pipe", 4: "pipe"}


# ------------------------------------------------------------------------------- rights


def test_rights_cannot_be_had_again(attack):
    said = attack(
        TRY,
        "import resource\n"
        "lines = open('/proc/self/status').read().splitlines()\n"
        "status = dict(line.split(':\\t', 1) for line in lines if ':\\t' in line)",
        "raise ValueError((tried(lambda: os.setuid(0), lambda: os.setgid(0), "
        "lambda: os.mknod('/tmp/d', 0o60600, os.makedev(254, 0)), lambda: os.chroot('/tmp'), "
        "lambda: resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6)), "
        "lambda: os.open('/dev/kmsg', os.O_RDONLY)), "
        "{status[k].strip() for k in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')}, "
        "status['NoNewPrivs'].strip(), 0 in os.getresuid() + os.getresgid(), os.getgroups()))",
    )
    tried, caps, no_new, is_root, groups = eval(results(said))
    assert set(tried) <= {"PermissionError", "OSError", "ValueError", "FileNotFoundError"}
    assert caps == {"0" * 16} and no_new == "1" and not is_root and set(groups) <= {65534}


def test_system_calls_that_no_notebook_needs_are_refused(attack):
    calls = {
        "unshare a user namespace": "libc.unshare(0x10000000)",
        "mount": "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "umount": "libc.umount2(b'/tmp', 2)",
        "keyctl": "libc.syscall(250 if x86 else 219, 0, -3, 0)",
        "bpf": "libc.syscall(321 if x86 else 280, 0, 0, 0)",
        "io_uring": "libc.syscall(425, 1, 0)",
        "clone into namespaces": "libc.syscall(56 if x86 else 220, 0x10000000 | 17, 0, 0, 0, 0)",
    }
    said = attack(
        TRY,
        "import platform; x86 = platform.machine() == 'x86_64'",
        f"raise ValueError([{', '.join(calls.values())}])",
    )
    assert eval(results(said)) == [-1] * len(calls)


# ------------------------------------------------------------------------ time and memory


VOID = """
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
libc.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
libc.shmdt.argtypes = [ctypes.c_void_p]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
"""


def test_an_endless_loop_that_ignores_every_signal_ends(attack):
    loop = (
        "import signal\n"
        "for s in range(1, 65):\n"
        "    try: signal.signal(s, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "while True: pass"
    )
    said = attack("import hlmteach as hlm; hlm.check('ch04.icc', 1)", loop, seconds=1)
    assert said.status == "timeout" and "endless loop" in said.log
    assert said.answers["ch04.icc"].value == "1"  # what was handed in before counts


def test_sleeping_ends_when_the_time_is_up(attack):
    sleep = "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
    assert attack(f"{sleep}time.sleep(999)", seconds=1).status == "timeout"


def test_processor_time_is_limited(attack):
    said = attack("while True: pass", cpu=1)
    assert said.status == "timeout" and said.seconds < 15


def test_processor_time_of_many_processes_is_limited(attack):
    """They would take it from the neighbours."""
    hog = "import os\nfor k in range(8):\n    if os.fork() == 0:\n        while True: pass\n"
    assert attack(f"{hog}import time; time.sleep(60)", seconds=60, cpu=3).status == "timeout"


@pytest.mark.parametrize(
    "more",
    [
        "fd = os.memfd_create('x'); kept.append(fd); os.write(fd, bytes(20 << 20))",
        "at = libc.shmat(libc.shmget(0, 20 << 20, 0o1600), None, 0); libc.memset(at, 1, 20 << 20)\n"
        "    libc.shmdt(at)",
    ],
    ids=["memfd", "System V"],
)
def test_memory_of_no_process_cannot_be_had(attack, more):
    """It would count for nobody: a notebook could take all that the machine has."""
    take = f"import ctypes, os; kept = []\n{VOID}\nfor k in range(20):\n    {more}"
    said = attack(f"{take}\nimport hlmteach as hlm; hlm.check('ch04.icc', 1)", memory_mb=100)
    assert not said.evidence


def test_too_large_an_array_is_an_error_of_its_cell(attack):
    said = attack("x = bytearray(10**12)", "import numpy as np; np.ones((10**6, 10**6))", "y = 1")
    assert said.status == "ok"
    assert [error.name for error in said.cell_errors] == ["MemoryError", "MemoryError"]


def test_many_processes_together_have_one_limit(attack):
    bomb = (
        "import os, time\n"
        "for k in range(8):\n"
        "    if os.fork() == 0:\n"
        "        x = bytearray(b'x') * (90 << 20); time.sleep(20); os._exit(0)\n"
        "time.sleep(20)"
    )
    assert attack(bomb, memory_mb=100).status == "memory"


ENDS = ["os._exit(0)", "os._exit(70)", "os.abort()", "ctypes.string_at(0)"]
ENDS += ["os.execv('/bin/true', ['true'])"]


@pytest.mark.parametrize("end", ENDS)
def test_a_process_that_ends_early_keeps_what_it_handed_in(attack, end):
    said = attack("import ctypes, os, hlmteach as hlm; hlm.check('ch04.icc', 1)", end, "y = 1")
    assert said.status == "crashed" and said.answers["ch04.icc"].value == "1"


# ------------------------------------------------------------------------------ two at once


def test_two_notebooks_at_one_time_do_not_meet(warm, no_data, names_of):
    wait = TRY + (
        "s = socket.socket(socket.AF_UNIX); s.bind('\\0meet'); s.listen()\n"
        "t = socket.socket(); t.bind(('127.0.0.1', 5555)); t.listen()\n"
        "open('/tmp/meet', 'w').close(); open('/dev/shm/meet', 'w').close()\n"
        "libc.prctl(15, b'meeting'); time.sleep(60)"
    )
    call = TRY + (
        "def local():\n    s = socket.socket(socket.AF_UNIX); s.connect('\\0meet')\n"
        "raise ValueError(tried(local, lambda: socket.create_connection(('127.0.0.1', 5555), 2), "
        "lambda: os.stat('/tmp/meet'), lambda: os.stat('/dev/shm/meet')))"
    )
    with Runner(warm=False) as cold:
        cold.start()
        other = threading.Thread(target=cold.run, args=([wait], no_data, Limits(seconds=60)))
        other.start()
        while other.is_alive() and "meeting" not in names_of(cold).values():
            time.sleep(0.05)
        said = warm.run([call], no_data, Limits(seconds=20))
        (waiting,) = [pid for pid, name in names_of(cold).items() if name == "meeting"]
        os.kill(waiting, signal.SIGKILL)  # it was there all the time
        other.join()
    walls = ["ConnectionRefusedError", "OSError", "FileNotFoundError", "FileNotFoundError"]
    assert eval(results(said)) == walls


def test_the_notebooks_user_is_nobody_of_this_machine(attack):
    said = attack("import os; raise ValueError(os.getuid())")
    assert int(results(said)) not in (0, os.getuid())
