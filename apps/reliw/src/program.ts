import { Command, Option } from 'commander'
import type { Shell } from './shell.ts'
import { version } from './version.ts'

const CONFIG_HELP = `
Config file: --config, else $RELIW_CONFIG_FILE, else ./reliw.json, else /etc/reliw/config.json, else the
defaults (embedded store in ./reliw-store).`

/** Makes an action that loads its command when it is run, so that no command loads the modules of others. */
type Run = <A extends unknown[]>(
  load: () => Promise<(shell: Shell, ...args: A) => Promise<void>>
) => (...args: A) => Promise<void>

/**
 * The command line. Parsing rejects with a CommanderError when commander has already printed everything: help, the
 * version, or an error in the arguments.
 */
export function program(shell: Shell): Command {
  const run: Run =
    (load) =>
    async (...args) =>
      (await load())(shell, ...args)
  const reliw = new Command('reliw')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void shell.stdout.write(text),
      writeErr: (text) => void shell.stderr.write(text)
    })
    .description('A web server for many sites, whose configuration is data.')
    .version(version)
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', CONFIG_HELP)

  configured(reliw, 'serve')
    .description('Serve the sites in the store.')
    .option(
      '-p, --port <number>',
      'listen on this port instead of the config’s; 0 takes a free one'
    )
    .option('--metrics-port <number>', 'the same for the listener of metrics and health')
    .action(run(async () => (await import('./commands/serve.ts')).serve))
  versioned(reliw, 'check')
    .description(
      'Check a config file, and with --store every value in the store; exit 1 on mistakes.'
    )
    .argument('[file]', 'the config file')
    .option('--store', 'check what is stored, too')
    .option('--json', 'print the mistakes as JSON')
    .action(run(async () => (await import('./commands/check.ts')).check))
  configured(reliw, 'import')
    .description(
      'Put sites into the store: all of a site or, when anything in it is wrong, nothing.'
    )
    .argument('<path>', 'a site.json, a folder with one, or a folder of such folders')
    .option('--skip-existing', 'leave sites alone that are in the store already')
    .option('--dry-run', 'only check')
    .action(run(async () => (await import('./commands/import.ts')).importSites))
  configured(reliw, 'export')
    .description('Write sites from the store to folders that import takes.')
    .argument('[hosts...]', 'which sites; all by default')
    .requiredOption('-o, --out <folder>', 'folder to write to; one folder per site is made in it')
    .action(run(async () => (await import('./commands/export.ts')).exportSites))
  configured(reliw, 'get')
    .description('Print a value: a string as it is, a hash as JSON.')
    .argument('<key>', 'such as API:example.com; the prefix may be left out')
    .argument('[field]', 'a field of a hash')
    .action(run(async () => (await import('./commands/keys.ts')).get))
  configured(reliw, 'set')
    .description('Set a value, after checking it.')
    .argument('<key>', 'such as API:example.com; the prefix may be left out')
    .argument(
      '<words...>',
      '[field] and value; "-" reads the value from stdin, "@file" from a file'
    )
    .option('--ttl <seconds>', 'let it expire')
    .addOption(new Option('--no-check', 'set it even if it is wrong'))
    .action(run(async () => (await import('./commands/keys.ts')).set))
  configured(reliw, 'del')
    .description('Delete a value, or a field of a hash.')
    .argument('<key>')
    .argument('[field]')
    .action(run(async () => (await import('./commands/keys.ts')).del))
  configured(reliw, 'keys')
    .description('List the keys that begin with a text.')
    .argument('[prefix]', 'such as API:', '')
    .action(run(async () => (await import('./commands/keys.ts')).list))
  addBans(reliw, run)
  addUsers(reliw, run)
  addSessions(reliw, run)
  addKeys(reliw, run)
  addWaf(reliw, run)
  return reliw
}

function addBans(reliw: Command, run: Run): void {
  configured(reliw, 'ban')
    .description('Let a client in no more: at once, on all servers.')
    .argument('<address>', 'an IP address or CIDR block')
    .option('--for <time>', 'how long, such as 90, 15m, 1h, 7d; for ever by default')
    .option('--reason <text>', 'shown by `reliw bans`')
    .option('--force', 'ban blocks wider than /8 (IPv4) or /16 (IPv6), too')
    .action(run(async () => (await import('./commands/bans.ts')).ban))
  configured(reliw, 'unban')
    .description('Let a client in again.')
    .argument('<address>', 'as it was banned')
    .action(run(async () => (await import('./commands/bans.ts')).unban))
  configured(reliw, 'bans')
    .description('List who is banned.')
    .option('--json', 'print it as JSON')
    .action(run(async () => (await import('./commands/bans.ts')).listBans))
}

function addUsers(reliw: Command, run: Run): void {
  const user = versioned(reliw, 'user').description(
    'Users of a site, who log in at its login page.'
  )
  configured(user, 'add')
    .description('Add a user. The password is asked for, or read from stdin.')
    .argument('<host>')
    .argument('<name>')
    .option('--groups <names>', 'groups of the user, with commas between them')
    .action(run(async () => (await import('./commands/users.ts')).addUser))
  configured(user, 'passwd')
    .description('Set a new password, and end the user’s sessions.')
    .argument('<host>')
    .argument('<name>')
    .action(run(async () => (await import('./commands/users.ts')).changePassword))
  configured(user, 'totp')
    .description(
      'Have a user show a code of an authenticator app as well; print the secret for it.'
    )
    .argument('<host>')
    .argument('<name>')
    .option('--off', 'ask for the code no more')
    .action(run(async () => (await import('./commands/users.ts')).setTotp))
  configured(user, 'del')
    .description('Delete a user, with sessions and API keys.')
    .argument('<host>')
    .argument('<name>')
    .action(run(async () => (await import('./commands/users.ts')).deleteUser))
  configured(user, 'list')
    .description('List the users of a site.')
    .argument('<host>')
    .option('--json', 'print it as JSON')
    .action(run(async () => (await import('./commands/users.ts')).listUsers))
}

function addSessions(reliw: Command, run: Run): void {
  const sessions = versioned(reliw, 'sessions').description('Who is logged in.')
  configured(sessions, 'list')
    .description('List the sessions of a site, the newest first.')
    .argument('<host>')
    .option('--user <name>', 'only those of this user')
    .option('--json', 'print it as JSON')
    .action(run(async () => (await import('./commands/sessions.ts')).listSessions))
  configured(sessions, 'revoke')
    .description('End sessions: at once, on all servers.')
    .argument('<host>')
    .argument('[ids...]', 'as `reliw sessions list` shows them')
    .option('--user <name>', 'all of this user')
    .option('--all', 'all of the site')
    .action(run(async () => (await import('./commands/sessions.ts')).revokeSessions))
}

function addKeys(reliw: Command, run: Run): void {
  const key = versioned(reliw, 'key').description(
    'API keys: what programs show instead of a password.'
  )
  configured(key, 'add')
    .description('Make a key and print it: it is not shown again.')
    .argument('<host>')
    .argument('<user>', 'who a request with it is from')
    .option('--name <text>', 'what it is for')
    .option('--groups <names>', 'groups, with commas between them')
    .option('--for <time>', 'how long it is good, such as 90d; for ever by default')
    .action(run(async () => (await import('./commands/api-keys.ts')).addKey))
  configured(key, 'list')
    .description('List the keys of a site.')
    .argument('<host>')
    .option('--json', 'print it as JSON')
    .action(run(async () => (await import('./commands/api-keys.ts')).listKeys))
  configured(key, 'del')
    .description('Delete a key: it is good for nothing at once.')
    .argument('<host>')
    .argument('<id>', 'as `reliw key list` shows it')
    .action(run(async () => (await import('./commands/api-keys.ts')).deleteKey))
}

function addWaf(reliw: Command, run: Run): void {
  const waf = versioned(reliw, 'waf').description('Rules of the firewall.')
  configured(waf, 'list')
    .description('List the rules, of one host or of all.')
    .argument('[host]', '"__" for the rules of all hosts')
    .option('--json', 'print it as JSON')
    .action(run(async () => (await import('./commands/waf.ts')).listRules))
  configured(waf, 'set')
    .description('Set the rules of a host: in force for the next request.')
    .argument('<host>', '"__" for the rules of all hosts')
    .argument('<rules>', 'JSON; "-" reads it from stdin, "@file" from a file')
    .action(run(async () => (await import('./commands/waf.ts')).setRules))
  configured(waf, 'test')
    .description('Say what would be found in a request, and what would be done about it.')
    .requiredOption('--host <host>', 'the site that is asked for')
    .requiredOption('--url <target>', "path and query, such as '/x?y'")
    .option('-H, --header <header...>', "such as 'User-Agent: x'")
    .option('--method <method>', 'the method', 'GET')
    .option('--json', 'print it as JSON')
    .action(run(async () => (await import('./commands/waf.ts')).testRules))
}

function versioned(reliw: Command, name: string): Command {
  return reliw.command(name).version(version)
}

function configured(reliw: Command, name: string): Command {
  return versioned(reliw, name).option('-c, --config <file>', 'the config file')
}
