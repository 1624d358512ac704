import { Command, Option } from 'commander'
import { check } from './commands/check.ts'
import { exportSites } from './commands/export.ts'
import { importSites } from './commands/import.ts'
import { del, get, list, set } from './commands/keys.ts'
import { loadConfig } from './load-config.ts'
import { serve } from './serve.ts'
import { version } from './version.ts'

const CONFIG_HELP = `
Config file: --config, else $RELIW_CONFIG_FILE, else ./reliw.json, else /etc/reliw/config.json, else the
defaults (embedded store in ./reliw-store).`

/** The command line. */
export function program(): Command {
  const reliw = new Command('reliw')
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
    .action(async ({ config, port }: { config?: string; port?: string }) => {
      await serve(loadConfig(config, port === undefined ? {} : { port: Number(port) }))
    })
  versioned(reliw, 'check')
    .description(
      'Check a config file, and with --store every value in the store; exit 1 on mistakes.'
    )
    .argument('[file]', 'the config file')
    .option('--store', 'check what is stored, too')
    .option('--json', 'print the mistakes as JSON')
    .action(check)
  configured(reliw, 'import')
    .description(
      'Put sites into the store: all of a site or, when anything in it is wrong, nothing.'
    )
    .argument('<path>', 'a site.json, a folder with one, or a folder of such folders')
    .option('--skip-existing', 'leave sites alone that are in the store already')
    .option('--dry-run', 'only check')
    .action(importSites)
  configured(reliw, 'export')
    .description('Write sites from the store to folders that import takes.')
    .argument('[hosts...]', 'which sites; all by default')
    .requiredOption('-o, --out <folder>', 'folder to write to; one folder per site is made in it')
    .action(exportSites)
  configured(reliw, 'get')
    .description('Print a value: a string as it is, a hash as JSON.')
    .argument('<key>', 'such as API:example.com; the prefix may be left out')
    .argument('[field]', 'a field of a hash')
    .action(get)
  configured(reliw, 'set')
    .description('Set a value, after checking it.')
    .argument('<key>', 'such as API:example.com; the prefix may be left out')
    .argument(
      '<words...>',
      '[field] and value; "-" reads the value from stdin, "@file" from a file'
    )
    .option('--ttl <seconds>', 'let it expire')
    .addOption(new Option('--no-check', 'set it even if it is wrong'))
    .action(set)
  configured(reliw, 'del')
    .description('Delete a value, or a field of a hash.')
    .argument('<key>')
    .argument('[field]')
    .action(del)
  configured(reliw, 'keys')
    .description('List the keys that begin with a text.')
    .argument('[prefix]', 'such as API:', '')
    .action(list)
  return reliw
}

function versioned(reliw: Command, name: string): Command {
  return reliw.command(name).version(version)
}

function configured(reliw: Command, name: string): Command {
  return versioned(reliw, name).option('-c, --config <file>', 'the config file')
}
