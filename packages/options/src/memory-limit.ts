import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { posix } from 'node:path'

/**
 * Bytes of memory that this process may take: the least of the limits of its control groups and of what the machine
 * has. `process.constrainedMemory()` asks its own group alone, not those around it, such as a slice of systemd.
 *
 * @param root the directory that `/proc` and `/sys` are in, for tests
 * @param machine bytes of memory that the machine has
 */
export function memoryLimit(root = '', machine = totalmem()): number {
  const files = memoryLimitFiles(textOf(`${root}/proc/self/cgroup`))
  const limits = files.map((file) => parseMemoryLimit(textOf(root + file)) ?? machine)
  return Math.min(machine, ...limits)
}

/** Nothing when it cannot be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/**
 * The files that may hold a limit on the memory of a process, from its own control group up to the
 * root: each group's limit holds for those below it. Of a container's groups often only the
 * outermost can be seen, mounted as the root, whatever the path says; so files may be missing.
 *
 * @param cgroups the text of `/proc/<pid>/cgroup` (cgroups(7)): `0::/path` of version 2,
 *   `4:memory:/path` of version 1
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
 * Bytes, of the text of `memory.max` or `memory.limit_in_bytes`; undefined for "max". Version 1 has
 * no word for that: it says a number that no machine has memory for.
 */
export function parseMemoryLimit(text: string): number | undefined {
  const digits = /^\d+$/.exec(text.trim())?.[0]
  return digits === undefined ? undefined : Number(digits)
}

function upwards(mount: string, path: string, name: string): string[] {
  const files: string[] = []
  // A group outside what the process can see is `/../other`: resolved, it stays below the mount.
  for (let at = posix.resolve('/', path); at !== '/'; at = posix.dirname(at)) {
    files.push(`${mount}${at}/${name}`)
  }
  return [...files, `${mount}/${name}`]
}
