// Exclusions, and requests that they cover or do not cover.

import type { WafOptions } from '../src/index.ts'

type Rules = NonNullable<WafOptions['rules']>
type Exclusion = NonNullable<Rules['exclusions']>[number]

/** What the exclusions are for. */
export const RULES = {
  query: ['evil', '[Bb]ad.-thing'],
  headers: { 'x-a': ['evil'], 'x-b': ['evil'] }
}
/** A header in which a rule finds something. */
export const A = 'X-A: evil\r\n'
const B = 'X-B: evil\r\n'

/** Exclusions; then targets and header lines, and whether they are blocked. */
export const CASES: readonly (readonly [
  Exclusion[],
  readonly (readonly [target: string, blocked: boolean, headers?: string])[]
])[] = [
  [
    [{ rule: '__/query/1' }],
    [
      ['/evil', false],
      ['/badthing', true],
      ['/evil/badthing', true],
      ['/', true, A]
    ]
  ],
  [
    [{ rule: 'evil' }],
    [
      ['/evil', false],
      ['/', false, A],
      ['/badthing', true]
    ]
  ],
  [[{ rule: '__/query/9' }], [['/evil', true]]],
  [
    [{ header: 'X-A' }],
    [
      ['/', false, A],
      ['/', true, B],
      ['/', true, A + B],
      ['/evil', true, A]
    ]
  ],
  [
    [{ header: 'x-a', rule: '__/header:x-b/1' }],
    [
      ['/', true, A],
      ['/', true, B]
    ]
  ],
  [
    [{ header: 'x-a', path: '^/ok/' }],
    [
      ['/ok/', false, A],
      ['/no/', true, A],
      ['/ok/', true, B]
    ]
  ],
  [
    [{ path: '^/ok/' }],
    [
      ['/ok/evil', false],
      ['/o%6b/evil', false],
      ['/ok/?evil', false],
      ['/ok/', false, A],
      ['/no/evil', true],
      ['/no?/ok/evil', true],
      ['/ok/../evil', true],
      ['/ok/%2e%2e/evil', true],
      ['/ok/..%2fevil', true],
      ['/ok/..%5cevil', true],
      ['/ok/..;/evil', true],
      ['/ok%00/evil', true]
    ]
  ],
  [
    [{ parameter: 'q' }],
    [
      ['/?q=evil', false],
      ['/?q', false, ''],
      ['/?evil', true],
      ['/?q=evil&r=1', false],
      ['/?q=evil&r=evil', true],
      ['/?r=evil&q=evil', true],
      ['/?q=1&q=evil', false],
      ['/?%71=evil', false],
      ['/?Q=evil', true],
      ['/?qq=evil', true],
      ['/?q%00=evil', true],
      ['/?=evil', true],
      ['/evil?q=1', true],
      ['/evil?q=evil', true],
      ['/?q=1;r=evil', false],
      ['/?r=1;q=evil', true],
      ['/?q=1%26r=evil', false],
      ['/?q=bad&r=thing', false],
      ['/?q=bad&r=bad%20thing', true],
      ['/?r=b%61d+thing&q=b%61d+thing', true],
      ['/', true, A]
    ]
  ],
  [
    [{ parameter: 'q' }, { parameter: 'r' }],
    [
      ['/?q=evil&r=evil', false],
      ['/?q=evil&r=evil&s=evil', true]
    ]
  ],
  [
    [{ parameter: 'q', rule: '__/query/2' }],
    [
      ['/?q=badthing', false],
      ['/?q=evil', true]
    ]
  ],
  [
    [{ parameter: 'q', path: '^/ok' }],
    [
      ['/ok?q=evil', false],
      ['/no?q=evil', true]
    ]
  ],
  [
    [{ parameter: 'a b' }],
    [
      ['/?a+b=evil', false],
      ['/?a%20b=evil', false],
      ['/?ab=evil', true]
    ]
  ],
  [
    [{ parameter: 'é' }],
    [
      ['/?%c3%a9=evil', false],
      ['/?%e9=evil', true]
    ]
  ],
  [[{ rule: 'evil', expires: '2001-01-01' }], [['/evil', true]]],
  [[{ rule: 'evil', expires: '2999-01-01T00:00:00Z' }], [['/evil', false]]]
]
