import { statfs } from 'node:fs/promises'

/** Space of the file system of a directory, in bytes. */
export interface DiskSpace {
  free_bytes: number
  total_bytes: number
}

/** Disk space of each directory, by its name; undefined where it cannot be determined. */
export async function diskSpace(
  directories: Readonly<Record<string, string>>
): Promise<Record<string, DiskSpace | undefined>> {
  const entries = Object.entries(directories).map(
    async ([name, path]) => [name, await spaceOf(path)] as const
  )
  return Object.fromEntries(await Promise.all(entries))
}

async function spaceOf(path: string): Promise<DiskSpace | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(path)
    return { free_bytes: bavail * bsize, total_bytes: blocks * bsize }
  } catch {
    return undefined
  }
}
