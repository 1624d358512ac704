import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from './test-context.ts'

const dirs = new Set<string>()

/** Creates an empty folder and returns its path. It is removed with the test, else with the process. */
export function tempDir(t?: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'reliw-'))
  if (dirs.size === 0) process.once('exit', () => dirs.forEach(remove))
  dirs.add(dir)
  t?.teardown(() => remove(dir))
  return dir
}

function remove(dir: string): void {
  rmSync(dir, { recursive: true, force: true })
}
