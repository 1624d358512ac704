import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { posix } from 'node:path'

/**
 * The memory that this process may use, in bytes: the lowest of the limits of its control groups and of the memory of
 * the machine. `process.constrainedMemory()` reads only the process's own group, not the groups around it, such as a
 * systemd slice.
 *
 * @param root the directory that contains `/proc` and `/sys`, for tests
 * @param machine memory of the machine, in bytes
 */
export function memoryLimit(root = '', machine = totalmem()): number {
  const files = memoryLimitFiles(textOf(`${root}/proc/self/cgroup`))
  const limits = files.map((file) => parseMemoryLimit(textOf(root + file)) ?? machine)
  return Math.min(machine, ...limits)
}

/** The text of a file; empty when the file cannot be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/**
 * The files that may contain a memory limit of a process, from its own control group up to the root: the limit of a
 * group also applies to the groups below it. A container often sees only its outermost group, mounted as the root,
 * whatever the path says; so some of the files may be missing.
 *
 * @param cgroups the text of `/proc/<pid>/cgroup` (cgroups(7)): `0::/path` for version 2, `4:memory:/path` for version
 * 1
 */
export function memoryLimitFiles(cgroups: string): string[] {
  const files: string[] = []
  for (const line of cgroups.split('\n')) {
    const [, id, controllers = '', path = ''] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? []
    if (id === '0' && controllers === '') {
      files.push(...upwards('/sys/fs/cgroup', path, 'memory.max'))
    } else if (controllers.split(',').includes('memory')) {
      files.push(...upwards('/sys/fs/cgroup/memory', path, 'memory.limit_in_bytes'))
    }
  }
  return files
}

/**
 * The limit in `memory.max` or `memory.limit_in_bytes`, in bytes; undefined for "max". Version 1 has no word for that:
 * it states a number beyond the memory of any machine.
 */
export function parseMemoryLimit(text: string): number | undefined {
  const digits = /^\d+$/.exec(text.trim())?.[0]
  return digits === undefined ? undefined : Number(digits)
}

function upwards(mount: string, path: string, name: string): string[] {
  const files: string[] = []
  // The path of a group that the process cannot see is `/../other`: once resolved, it stays below the mount.
  for (let at = posix.resolve('/', path); at !== '/'; at = posix.dirname(at)) {
    files.push(`${mount}${at}/${name}`)
  }
  return [...files, `${mount}/${name}`]
}
