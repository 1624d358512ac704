import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** An HTML page of exactly so many bytes, all ASCII. */
export function htmlPage(size: number, text = 'Lorem ipsum dolor sit amet.'): Buffer {
  const head = `<!doctype html>\n<html lang="en">\n<title>${text}</title>\n<p>${text}</p>\n<p>`
  const filling = `${text} `.repeat(Math.ceil(size / (text.length + 1)))
  return Buffer.from(`${head}${filling}`.slice(0, size - 1) + '\n')
}

/** Bytes that nothing compresses. */
export function noise(size: number): Buffer {
  return randomBytes(size)
}

/** Writes a file with the folders it is in. `name` may begin with a slash. */
export function place(folder: string, name: string, content: Buffer): void {
  const file = join(folder, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}
