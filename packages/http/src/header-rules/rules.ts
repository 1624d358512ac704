/** Rules for the headers of a message: names in lower case, each in one of the fields. */
export interface HeaderRules {
  readonly set: Readonly<Record<string, readonly string[]>>
  readonly add: Readonly<Record<string, readonly string[]>>
  readonly remove: readonly string[]
  readonly default: Readonly<Record<string, readonly string[]>>
}

/** Strict-Transport-Security. */
export interface Hsts {
  /** In milliseconds. */
  readonly max_age: number
  readonly include_subdomains: boolean
  readonly preload: boolean
}

/** The preset `security`; an absent field is that of the level before, else the preset's own. */
export interface SecuritySettings {
  readonly hsts?: false | Hsts | undefined
  readonly nosniff?: boolean | undefined
  readonly frame_ancestors?: false | string | undefined
  readonly referrer_policy?: false | string | undefined
  readonly permissions_policy?: false | string | undefined
}

/** The preset `cors`. */
export interface CorsSettings {
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  readonly exposed_headers: readonly string[]
  readonly credentials: boolean
  /** In milliseconds. */
  readonly max_age: number
}

/** The header rules of one level: of a site, an entry or an upstream. */
export interface HeaderSettings {
  readonly request?: HeaderRules | undefined
  readonly response?: HeaderRules | undefined
  readonly security?: false | SecuritySettings | undefined
  readonly cors?: false | CorsSettings | undefined
}

/** What of an entry concerns headers. */
export interface EntryWithHeaders {
  readonly headers: {
    /** Header → value, sent with content only. */
    readonly content: Readonly<Record<string, string>>
    readonly rules: HeaderSettings | undefined
  }
  readonly cache_control?: string | undefined
  readonly auth?: object | undefined
  /** Rules for the clients' addresses. */
  readonly allow_from?: object | undefined
  readonly deny_from?: object | undefined
}

/** Where a level has no rules. */
export const NO_RULES: HeaderRules = { set: {}, add: {}, remove: [], default: {} }
