// Rules, and requests with the rule that decides on each.

import type { WafOptions } from '../src/index.ts'

export type Case = readonly [target: string, rule: string | undefined, headers?: readonly string[]]

export interface Combination {
  name: string
  all?: WafOptions['rules']
  own?: WafOptions['rules']
  options?: WafOptions
  mode: 'off' | 'detect' | 'block'
  action: NonNullable<WafOptions['action']>
  cases: readonly Case[]
}

const ALL = { query: ['evil', '^/a%.b/'], headers: { 'x-a': ['evil'], 'User-Agent': ['bot'] } }
const OWN = { query: ['own', 'evil'], headers: { 'x-a': ['^own$'] } }
const FORBIDDEN = { status: 403 }
const SLOW = { query: ['.*.*.*!', 'x'] }
const LONG = `/?${'a'.repeat(100)}x`

/** Targets that programs read as different paths, and ordinary ones. */
const ANYWHERE: readonly Case[] = [
  ['/', undefined],
  ['/?q=%65vil', '__/query/1'],
  ['/%2565vil', '__/query/1'],
  ['/?q=%2565vil', undefined],
  ['/x/..%2fa.b/', '__/query/2'],
  ['//a.b/', '__/query/2'],
  ['/./a.b/', '__/query/2'],
  ['/x/%2e%2e/a.b/', '__/query/2'],
  ['/a.b%2f', '__/query/2'],
  ['/a.b;v=1/', '__/query/2'],
  ['/x%5ca.b/', undefined],
  ['/', '__/header:x-a/1', ['X-A', '-', 'x-a', 'evil']],
  ['/', '__/header:user-agent/1', ['user-agent', 'a bot', 'X-A', '-']],
  ['/evil', '__/query/1', ['X-A', 'evil']]
]

export const COMBINATIONS: readonly Combination[] = [
  { name: 'none', mode: 'block', action: FORBIDDEN, cases: [['/evil', undefined]] },
  { name: 'of all hosts', all: ALL, mode: 'block', action: FORBIDDEN, cases: ANYWHERE },
  {
    name: 'of the host',
    own: OWN,
    mode: 'block',
    action: FORBIDDEN,
    cases: [
      ['/evil?own', 'a.example/query/1'],
      ['/', 'a.example/header:x-a/1', ['X-A', 'own']],
      ['/', undefined, ['X-A', 'not own']]
    ]
  },
  {
    name: 'of both',
    all: { ...ALL, mode: 'off', action: { status: 418 } },
    own: { ...OWN, mode: 'block', action: { redirect: 'https://b.example/', status: 302 } },
    mode: 'block',
    action: { redirect: 'https://b.example/', status: 302 },
    cases: [...ANYWHERE, ['/own', 'a.example/query/1'], ['/own/evil', '__/query/1']]
  },
  {
    name: 'mode of all hosts',
    all: { ...ALL, mode: 'detect', action: { close: true } },
    own: OWN,
    mode: 'detect',
    action: { close: true },
    cases: [...ANYWHERE, ['/own', 'a.example/query/1']]
  },
  {
    name: 'mode of the host',
    all: { ...ALL, mode: 'detect' },
    own: { mode: 'block', action: { close: true } },
    mode: 'block',
    action: { close: true },
    cases: ANYWHERE
  },
  {
    name: 'mode of the options',
    all: ALL,
    options: { mode: 'detect', action: { status: 451 } },
    mode: 'detect',
    action: { status: 451 },
    cases: ANYWHERE
  },
  {
    name: 'off',
    all: ALL,
    own: { ...OWN, mode: 'off' },
    mode: 'off',
    action: FORBIDDEN,
    cases: [
      ['/evil', undefined],
      ['/own', undefined]
    ]
  },
  {
    name: 'exclusions of both',
    all: { ...ALL, exclusions: [{ header: 'x-a' }, { rule: 'evil', parameter: 'q' }] },
    own: {
      ...OWN,
      exclusions: [
        { rule: '__/query/1', path: '^/books' },
        { rule: 'own', expires: '2001-01-01' }
      ]
    },
    mode: 'block',
    action: FORBIDDEN,
    cases: [
      ['/evil', '__/query/1'],
      ['/books/evil', 'a.example/query/2'],
      ['/books?q=evil', undefined],
      ['/books?q=evil&r=evil', 'a.example/query/2'],
      ['/books/..%2fevil', '__/query/1'],
      ['/?q=evil', undefined],
      ['/', undefined, ['X-A', 'own', 'X-A', 'evil']],
      ['/own', 'a.example/query/1', ['X-A', 'evil']]
    ]
  },
  {
    name: 'exhausted budget, blocked',
    all: SLOW,
    options: { budget: 1000 },
    mode: 'block',
    action: FORBIDDEN,
    cases: [
      [LONG, '__/query/1'],
      ['/x', '__/query/2']
    ]
  },
  {
    name: 'exhausted budget, let through',
    own: SLOW,
    options: { budget: 1000, on_budget: 'pass' },
    mode: 'block',
    action: FORBIDDEN,
    cases: [
      [LONG, 'a.example/query/1'],
      ['/x', 'a.example/query/2']
    ]
  }
]
