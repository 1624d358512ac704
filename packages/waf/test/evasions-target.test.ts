import { compilePattern } from '@reliw/lua-pattern'
import t from 'tap'
import { decodeOnce } from '../src/target-forms.ts'
import { startApp, statusOf } from './start-app.ts'

/**
 * By which form a rule sees what is written so: the target as it came, the one decoded once, one with its path
 * normalized, or none. 400: node
 * refuses the request. What RELIW refuses before any rule looks is in apps/reliw/test/waf-evasions.test.ts.
 */
type Seen = 'raw' | 'decoded' | 'normalized' | 'none' | 400

const LONG = 'x'.repeat(12_000)

/** Pattern → targets. */
const CASES: Record<string, readonly (readonly [target: string, seen: Seen])[]> = {
  '[Uu][Nn][Ii][Oo][Nn]%s+[Ss][Ee][Ll][Ee][Cc][Tt]': [
    ['/?q=union+select', 'decoded'],
    ['/?q=UnIoN+sElEcT', 'decoded'],
    ['/?q=union%20select', 'decoded'],
    ['/?q=union%09select', 'decoded'],
    ['/?q=union%0d%0aselect', 'decoded'],
    ['/?q=%75%6e%69%6f%6e%20%73elect', 'decoded'],
    ['/?q=%55NION+%53ELECT', 'decoded'],
    ['/?q=union+++select', 'decoded'],
    ['/?q=union%2bselect', 'none'],
    ['/?q=union%2520select', 'none'],
    ['/?q=union/**/select', 'none'],
    ['/?q=union%a0select', 'none'],
    ['/?q=un&q=ion+select', 'none'],
    ['/?%71=union+select', 'decoded'],
    ['/?=union+select', 'decoded'],
    ['/?union+select', 'decoded'],
    ['/?a;q=union+select', 'decoded'],
    ['/?q=1&q=union+select&q=2', 'decoded'],
    ['/union+select', 'none'],
    ['/union%20select', 'decoded'],
    ['/?a?b=union+select', 'decoded'],
    [`/?q=${LONG}union+select`, 'decoded'],
    [`/?q=union+select${LONG}`, 'decoded'],
    [`/?${'a=1&'.repeat(3000)}q=union+select`, 'decoded']
  ],
  'union.-/%*.-%*/.-select': [
    ['/?q=union/**/select', 'raw'],
    ['/?q=union/*!50000*/select', 'raw'],
    ['/?q=union%2f%2a%2a%2fselect', 'decoded'],
    ['/?q=union--%0aselect', 'none']
  ],
  '<script': [
    ['/?q=%3cscript%3e', 'decoded'],
    ['/?q=%3Cscript', 'decoded'],
    ['/?q=<script>', 'raw'],
    ['/?q=%253cscript', 'none'],
    ['/?q=%25253cscript', 'none'],
    ['/?q=%u003cscript', 'none'],
    ['/?q=%c0%bcscript', 'none'],
    ['/?q=%3c%00script', 'none'],
    ['/?q=%3<script', 'raw'],
    ['/?q=%zz%3cscript', 'decoded'],
    ['/?q=%%3cscript', 'decoded'],
    ['/?q=%3%63script', 'none'],
    ['/?q=1#%3cscript', 'decoded'],
    ['/#<script', 'raw'],
    ['/?<script', 'raw'],
    ['/?%3cscript=1', 'decoded'],
    ['/%3cscript', 'decoded']
  ],
  '%.%./': [
    ['/../x', 'raw'],
    ['/%2e%2e/x', 'decoded'],
    ['/.%2e/x', 'decoded'],
    ['/..%2fx', 'decoded'],
    ['/%252e%252e/x', 'normalized'],
    ['/..%5cx', 'normalized'],
    ['/..;/x', 'normalized'],
    ['/?f=../x', 'raw'],
    ['/?f=%2e%2e%2fx', 'decoded'],
    ['/%c0%ae%c0%ae/x', 'none'],
    ['/..%c0%afx', 'none']
  ],
  '^/admin': [
    ['/admin', 'raw'],
    ['/%61dmin', 'decoded'],
    ['/admin;x=1', 'raw'],
    ['//admin', 'normalized'],
    ['/./admin', 'normalized'],
    ['/x/../admin', 'normalized'],
    ['/Admin', 'none'],
    ['http://a.example/admin', 'normalized'],
    ['/x//../admin', 'normalized'],
    ['/x%2f..%5cadmin', 'normalized'],
    ['/%2561dmin', 'normalized'],
    ['/;a/admin', 'normalized'],
    ['/?q=//admin', 'none']
  ],
  '%z': [
    ['/?q=%00', 'decoded'],
    ['/a%00.png', 'decoded'],
    ['/?q=%2500', 'none'],
    ['/?q=\0', 400]
  ],
  '[\x01-\x1f]': [
    ['/?q=%0a', 'decoded'],
    ['/?q=%1b[0m', 'decoded'],
    ['/?q=\x0b', 400]
  ],
  é: [
    ['/?q=%c3%a9', 'decoded'],
    ['/?q=%C3%A9', 'decoded'],
    ['/?q=%e9', 'none'],
    ['/?q=\xc3%a9', 400],
    ['/?q=\xc3\xa9', 400]
  ]
}

for (const [pattern, cases] of Object.entries(CASES)) {
  t.test(`which targets ${pattern} is found in`, async (t) => {
    const { get, verdicts } = await startApp(t, { rules: { query: [pattern] } })
    const compiled = compilePattern(Buffer.from(pattern).toString('latin1'))
    for (const [target, seen] of cases) {
      const name = `${JSON.stringify(target.slice(0, 60))}: ${seen}`
      verdicts.length = 0
      const status = statusOf(await get(target))
      if (seen === 400) t.equal(status, 400, name)
      else t.equal(status === 403, seen !== 'none', `${name}, not ${status}`)
      t.equal(verdicts.length, status === 403 ? 1 : 0, name)
      if (status !== 403) continue
      const form = compiled.test(target)
        ? 'raw'
        : compiled.test(decodeOnce(target))
          ? 'decoded'
          : 'normalized'
      t.equal(form, seen, name)
    }
  })
}
