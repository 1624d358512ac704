import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { tempDir } from '@reliw/testing'
import { calmRequest, calmValues, type Attack } from '../attack.ts'
import { Attackers, get } from '../attackers.ts'

const HOST = 'files.test'
const SIZE = 8 * 1024 * 1024
const CONNECTIONS = 4
const REQUESTS = 500
const LASTS = 10_000

/** 84 KB that once had 2,000 files opened, each with a buffer. */
export const pipelinedFiles: Attack = {
  name: 'pipelined-files',
  does: '4 connections pipeline 500 requests for a large file, and do not read',
  async prepare(t) {
    const www = tempDir(t)
    mkdirSync(join(www, HOST))
    writeFileSync(join(www, HOST, 'big.bin'), Buffer.alloc(SIZE, 'b'))
    const values = {
      ...calmValues,
      [`API:${HOST}`]: [['^/', 'all']],
      [`API:${HOST}:all`]: { methods: { GET: true } }
    }
    return {
      serve: { values, config: { data_dir: www } },
      honest: [calmRequest],
      async run({ served }) {
        const attackers = new Attackers(served.port)
        const bytes = get(HOST, '/big.bin').repeat(REQUESTS)
        for (let count = 0; count < CONNECTIONS; count += 1) await attackers.sendUnread(bytes)
        await delay(LASTS)
        attackers.leave()
        return []
      }
    }
  }
}
