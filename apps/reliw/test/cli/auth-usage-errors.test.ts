import { join } from 'node:path'
import t from 'tap'
import { HOST, protectedSite } from '../protected-site.ts'
import { openSites } from '../site-writer.ts'
import { createWorkplace } from './run-cli.ts'

const { dir, run } = createWorkplace(t)
await openSites(t, { dir: join(dir, 'reliw-store') }, await protectedSite({}))

/** Command lines, each with its error message. */
const USAGE_ERRORS: readonly (readonly [words: string, stderr: RegExp, input?: string])[] = [
  ['user add .example. eve', /^"\.example\." is not a valid host\.\n$/],
  ['user list a..example', /^"a\.\.example" is not a valid host\.\n$/],
  ['sessions list -- -x', /^"-x" is not a valid host\.\n$/],
  ['key add a_b:x eve', /is not a valid host\.\n$/],
  [
    `user add ${HOST} eve`,
    /^The password is too short: use at least 8 characters\.\n$/,
    'short\nlonger than that'
  ],
  [`user add ${HOST} eve`, /^The password is too short: use at least 8 characters\.\n$/, ''],
  [
    `user add ${HOST} ada`,
    /^127\.0\.0\.1 already has a user ada: use `reliw user passwd` to change the password\.\n$/
  ],
  [
    `user add ${HOST} e\tve`,
    /^A user name must have 1 to 256 characters, without control characters\.\n$/
  ],
  [
    `user add ${HOST} eve`,
    /^The password is too long: use at most 1024 bytes\.\n$/,
    'é'.repeat(600)
  ],
  [`user passwd ${HOST} eve`, /^127\.0\.0\.1 has no user eve\.\n$/, 'long enough'],
  [`user del ${HOST} eve`, /^127\.0\.0\.1 has no user eve\.\n$/],
  [`user totp ${HOST} eve`, /^127\.0\.0\.1 has no user eve\.\n$/],
  [`sessions revoke ${HOST}`, /^Specify session ids, --user NAME or --all\.\n$/],
  [
    `sessions revoke ${HOST} --user ada`,
    /^No such session: `reliw sessions list 127\.0\.0\.1` lists them\.\n$/
  ],
  [
    `key add ${HOST} eve --for never`,
    /^--for: expected a duration, such as 90 \(seconds\), 15m, 1h or 7d\.\n$/
  ],
  [`key del ${HOST} none`, /^127\.0\.0\.1 has no API key none\.\n$/],
  [`user ad ${HOST} eve`, /Did you mean add\?/],
  ['sessions revoke', /missing required argument 'host'/],
  ['user', /Usage: reliw user /]
]

t.test('an error is reported in one line and changes nothing', async (t) => {
  const before = (await run(['get', `USERS:${HOST}`])).stdout
  t.match(before, '"ada"')
  const queue = [...USAGE_ERRORS]
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [words, stderr, input] = next
      t.match(await run(words.split(' '), input), { code: 1, stdout: '', stderr }, words)
    }
  }
  await Promise.all([work(), work(), work()])
  t.equal((await run(['get', `USERS:${HOST}`])).stdout, before)
})
