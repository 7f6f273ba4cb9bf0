/**
 * The system calls that a VPS may not make. Its user namespace already makes most of them fail; this is the
 * second wall, for the kernel bug that makes the first one porous, and for what CRIU cannot dump.
 *
 * A list of what is denied, not of what is allowed: a VPS is a whole system whose programs are not known
 * beforehand, and an allow-list ages with every kernel. moby's default profile is the model for its members.
 */
interface Rule {
  names: string[];
  action: "SCMP_ACT_ERRNO";
  errnoRet: number;
  args?: { index: number; value: number; valueTwo: number; op: "SCMP_CMP_MASKED_EQ" }[];
}

const EPERM = 1;
const ENOSYS = 38;
const CLONE_NEWUSER = 0x1000_0000;

const DENIED = [
  // The host's clock, kernel, devices and keys are not a guest's.
  ["acct", "adjtimex", "clock_adjtime", "clock_settime", "settimeofday", "stime", "swapon", "swapoff", "syslog"],
  ["create_module", "delete_module", "finit_module", "init_module", "get_kernel_syms", "query_module"],
  ["kexec_file_load", "kexec_load", "ioperm", "iopl", "nfsservctl", "quotactl", "quotactl_fd", "lookup_dcookie"],
  ["add_key", "keyctl", "request_key"],
  // The ways in of most kernel exploits of the last ten years.
  ["bpf", "perf_event_open", "userfaultfd", "open_by_handle_at", "fanotify_init"],
  // New mounts: a guest has no SYS_ADMIN for them, and never needs one.
  ["fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount", "open_tree", "pivot_root"],
  // CRIU cannot dump its rings; programs fall back to epoll.
  ["io_uring_enter", "io_uring_register", "io_uring_setup"],
].flat();

/** A namespace of its own users would give a guest SYS_ADMIN back, inside it. CRIU cannot dump nested ones either. */
const noNewUsers = (name: string): Rule => ({
  names: [name],
  action: "SCMP_ACT_ERRNO",
  errnoRet: EPERM,
  args: [{ index: 0, value: CLONE_NEWUSER, valueTwo: CLONE_NEWUSER, op: "SCMP_CMP_MASKED_EQ" }],
});

/** The other ABIs of the same processor too, or a 32-bit program would walk around the filter. */
const ARCHITECTURES: Partial<Record<string, string[]>> = {
  x64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
};

export const SECCOMP_PROFILE = {
  defaultAction: "SCMP_ACT_ALLOW",
  architectures: ARCHITECTURES[process.arch] ?? [],
  syscalls: [
    { names: DENIED, action: "SCMP_ACT_ERRNO", errnoRet: EPERM },
    noNewUsers("clone"),
    noNewUsers("unshare"),
    // Its flags are behind a pointer, where no filter can look; libc falls back to clone.
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
  ] satisfies Rule[],
};
