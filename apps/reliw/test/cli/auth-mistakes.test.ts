import { join } from 'node:path'
import t from 'tap'
import { HOST, protectedSite } from '../protected-site.ts'
import { openSites } from '../site-writer.ts'
import { createWorkplace } from './run-cli.ts'

const { dir, run } = createWorkplace(t)
await openSites(t, { dir: join(dir, 'reliw-store') }, await protectedSite({}))

/** What is typed, and what is answered. */
const MISTAKES: readonly (readonly [words: string, stderr: RegExp, input?: string])[] = [
  ['user add .example. eve', /^"\.example\." is not a host\.\n$/],
  ['user list a..example', /^"a\.\.example" is not a host\.\n$/],
  ['sessions list -- -x', /^"-x" is not a host\.\n$/],
  ['key add a_b:x eve', /is not a host\.\n$/],
  [`user add ${HOST} eve`, /^A password has at least 8 characters\.\n$/, 'short\nlonger than that'],
  [`user add ${HOST} eve`, /^A password has at least 8 characters\.\n$/, ''],
  [`user add ${HOST} ada`, /^ada is there already: `reliw user passwd` sets a new password\.\n$/],
  [`user add ${HOST} e\tve`, /^A name has 1 to 256 characters, none of them control\.\n$/],
  [`user add ${HOST} eve`, /^A password has at most 1024 bytes\.\n$/, 'é'.repeat(600)],
  [`user passwd ${HOST} eve`, /^127\.0\.0\.1 has no user eve\.\n$/, 'long enough'],
  [`user del ${HOST} eve`, /^127\.0\.0\.1 has no user eve\.\n$/],
  [`user totp ${HOST} eve`, /^127\.0\.0\.1 has no user eve\.\n$/],
  [`sessions revoke ${HOST}`, /^Name the sessions, or --user NAME, or --all\.\n$/],
  [`sessions revoke ${HOST} --user ada`, /^There is no such session\.\n$/],
  [`key add ${HOST} eve --for never`, /^--for takes a time, such as 90, "15m", "1h" or "7d"\.\n$/],
  [`key del ${HOST} none`, /^127\.0\.0\.1 has no API key none\.\n$/],
  [`user ad ${HOST} eve`, /Did you mean add\?/],
  ['sessions revoke', /missing required argument 'host'/],
  ['user', /Usage: reliw user /]
]

t.test('mistakes are told in a line, and change nothing', async (t) => {
  const before = (await run(['get', `USERS:${HOST}`])).stdout
  t.match(before, '"ada"')
  const queue = [...MISTAKES]
  const next = async (): Promise<void> => {
    for (let mistake = queue.shift(); mistake !== undefined; mistake = queue.shift()) {
      const [words, stderr, input] = mistake
      t.match(await run(words.split(' '), input), { code: 1, stdout: '', stderr }, words)
    }
  }
  await Promise.all([next(), next(), next()])
  t.equal((await run(['get', `USERS:${HOST}`])).stdout, before)
})
