import * as z from 'zod'

/**
 * Where the requests of a site are logged: `true`: in the server's log; `false`: nowhere; or a file of its own.
 *
 * security: whoever may write to the store must not choose which files of the machine are written, so a name has no
 * folders.
 */
export const AccessLog = z.union([
  z.boolean(),
  z
    .string()
    .regex(
      /^[A-Za-z0-9_][\w.-]{0,99}$/,
      'expected true, false, or the name of a file in `access_log_dir`, such as "app.log"'
    )
])

export type AccessLog = z.output<typeof AccessLog>
