/**
 * A process that watches itself, for tests to put under pressure: `node pressure-child.ts OPTIONS`.
 * It reads one command a line and writes one JSON object a line; it ends with its input.
 */

import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { oldSpaceLimit, parseOptions } from '@reliw/options'
import { waitFor } from '@reliw/testing'
import { countEntries } from '../src/pressure/open-files.ts'
import { ProcessMemory } from '../src/pressure/process-memory.ts'
import { readHeap } from '../src/pressure/heap.ts'
import { PressureOptions } from '../src/pressure/options.ts'
import { startPressure } from '../src/pressure/start-pressure.ts'
import { churn, youngAfterChurn } from './churn.ts'

/** How long each turn of a blocked event loop takes, in milliseconds. */
const TURN = 60
/** In each array that fills the heap, of 8 bytes each. */
const ELEMENTS = 1_000
/** Bytes of the space of young objects. */
const [LARGE, SMALL] = [16 * 2 ** 20, 8 * 2 ** 20]

const commands = new Map<string, () => unknown>([
  ['open files', openFiles],
  ['list files', async () => write({ listed: String(await countEntries('/proc/self/fd')) })],
  ['close files', () => files.splice(0).forEach((file) => closeSync(file))],
  ['fill heap', fillHeap],
  ['touch 256 MiB', () => kept.push(Buffer.alloc(256 * 2 ** 20, 1))],
  ['take buffers', takeBuffers],
  ['take 92 %', takeMost],
  ['drop buffers', () => (kept.length = 0)],
  ['free memory', freeMemory],
  ['block loop', blockLoop],
  ['free loop', () => (loop.isBlocked = false)],
  ['grow young space', growYoungSpace]
])
const files: number[] = []
const kept: unknown[] = []
const loop = { isBlocked: false }

const settings = parseOptions('pressure', PressureOptions, JSON.parse(process.argv[2] ?? '{}'))
const { pressure } = await startPressure(settings, report, () => write({ isShort: true }))
createInterface(process.stdin)
  .on('line', (line) => void commands.get(line)?.())
  .on('close', () => process.exit())
write({ isReady: true })

function report(level: string, resource: string, share: number): void {
  const { isReduced, isOverloaded, shares } = pressure
  write({ level, resource, share, isReduced, isOverloaded, shares })
}

function write(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** Opens files until no more can be opened. */
function openFiles(): void {
  try {
    for (;;) files.push(openSync('/dev/null', 'r'))
  } catch (error) {
    write({ refused: (error as NodeJS.ErrnoException).code })
  }
}

/** Fills, after every check, a fifth of what is left, so that it is noticed in time. */
async function fillHeap(): Promise<void> {
  while (!pressure.isOverloaded) {
    const { shares } = pressure
    const left = (1 - (shares.heap ?? 0)) * oldSpaceLimit()
    const length = left / 5 / ELEMENTS / 8
    kept.push(...Array.from({ length }, () => Array.from({ length: ELEMENTS }, (_, i) => i)))
    await waitFor(() => pressure.shares !== shares, 'the next check')
  }
}

/** 400 MiB, in pieces that the allocator keeps when they are freed. */
function takeBuffers(): void {
  for (let count = 0; count < 1600; count++) kept.push(Buffer.alloc(256 * 1024, 1))
}

/**
 * Takes 92 % of `max_rss`, in such pieces, and again until it is noticed: a collection may free some of what was
 * resident.
 */
async function takeMost(): Promise<void> {
  const memory = new ProcessMemory()
  while (!pressure.isReduced) {
    while ((memory.read() ?? Infinity) < 0.92 * (settings.max_rss ?? 0))
      kept.push(Buffer.alloc(256 * 1024, 1))
    const { shares } = pressure
    await waitFor(() => pressure.shares !== shares, 'the next check')
  }
  memory.close()
}

function freeMemory(): void {
  kept.length = 0
  globalThis.gc?.()
}

async function blockLoop(): Promise<void> {
  const lock = new Int32Array(new SharedArrayBuffer(4))
  loop.isBlocked = true
  while (loop.isBlocked) {
    Atomics.wait(lock, 0, 0, TURN)
    await setImmediate()
  }
}

/** Makes objects that live for a while, until their space has been large and is small; then as many again. */
async function growYoungSpace(): Promise<void> {
  await churn(() => readHeap().young >= LARGE)
  await churn(() => readHeap().young <= SMALL)
  const young = await youngAfterChurn(SMALL)
  write({ young: young <= SMALL ? 'small' : 'large again' })
}
