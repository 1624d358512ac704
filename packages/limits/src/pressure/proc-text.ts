/**
 * Readers of what Linux tells of itself in texts: proc_pid_status(5) and proc_pid_limits(5).
 */

/**
 * Bytes of `/proc/<pid>/status` that only swapping could free: anonymous and shared memory. Mapped
 * files, those of the store among them, can be dropped and read again, and are not in it. Undefined
 * where the kernel does not tell them apart (Linux before 4.5).
 */
export function anonymousMemory(status: string): number | undefined {
  const anonymous = kibibytes(/^RssAnon:\s+(\d+) kB$/m.exec(status))
  const shared = kibibytes(/^RssShmem:\s+(\d+) kB$/m.exec(status))
  return anonymous === undefined || shared === undefined ? undefined : anonymous + shared
}

/** How many files may be open (RLIMIT_NOFILE), of `/proc/<pid>/limits`; undefined for any. */
export function openFilesLimit(limits: string): number | undefined {
  const soft = /^Max open files\s+(\d+)\s/m.exec(limits)?.[1]
  return soft === undefined ? undefined : Number(soft)
}

function kibibytes(match: RegExpExecArray | null): number | undefined {
  return match?.[1] === undefined ? undefined : Number(match[1]) * 1024
}
