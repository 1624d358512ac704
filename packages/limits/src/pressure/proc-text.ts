/** Parsers of Linux's process files: proc_pid_status(5) and proc_pid_limits(5). */

/**
 * Anonymous and shared memory from `/proc/<pid>/status`, in bytes: memory that only swapping could free. Mapped files,
 * the store's included, can be dropped and read again, and are not counted. Undefined where the kernel does not list
 * the kinds separately (Linux before 4.5).
 */
export function anonymousMemory(status: string): number | undefined {
  const anonymous = kibibytes(/^RssAnon:\s+(\d+) kB$/m.exec(status))
  const shared = kibibytes(/^RssShmem:\s+(\d+) kB$/m.exec(status))
  return anonymous === undefined || shared === undefined ? undefined : anonymous + shared
}

/** The soft limit of open files (RLIMIT_NOFILE) from `/proc/<pid>/limits`; undefined: unlimited. */
export function openFilesLimit(limits: string): number | undefined {
  const soft = /^Max open files\s+(\d+)\s/m.exec(limits)?.[1]
  return soft === undefined ? undefined : Number(soft)
}

function kibibytes(match: RegExpExecArray | null): number | undefined {
  return match?.[1] === undefined ? undefined : Number(match[1]) * 1024
}
