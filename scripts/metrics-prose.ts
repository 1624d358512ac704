/** The text of docs/metrics.md before its tables, as the formatter leaves it. */
export const METRICS_PROSE = `# Metrics

<!-- Written by scripts/write-metrics-docs.ts from the catalog: change the catalog, run \`npm run schema\`. -->

The server serves metrics and health checks on a separate listener, \`metrics.ip\` and \`metrics.port\` of
[the config](config.md#metrics), by default 127.0.0.1:9101. The listener has no login: keep it unreachable for clients.
It answers requests for an address, \`localhost\`, \`*.localhost\` or a name without a dot. Other names have to be in
\`metrics.hosts\`, or they get 421, so that a web page whose name was pointed at this address (DNS rebinding) cannot
read the metrics.

| Path                | For                                                     |
| ------------------- | ------------------------------------------------------- |
| \`/metrics\`          | Prometheus                                              |
| \`/livez\`, \`/readyz\` | Load balancers and orchestrators: see [Health](#health) |
| \`/status\`           | People and scripts: the current state in JSON           |

All other paths are 404. With \`metrics.disabled\` nothing is counted, and no listener is opened. A dashboard and alerts are in
[deploy](../deploy/README.md). In an app of your own, use [@reliw/metrics](../packages/metrics/README.md).

## Scraping

\`\`\`yaml
scrape_configs:
  - job_name: reliw
    scrape_interval: 15s
    static_configs:
      - targets: ['192.0.2.10:9101', '192.0.2.11:9101']
\`\`\`

There are two formats: [text](https://prometheus.io/docs/instrumenting/exposition_formats), and
[OpenMetrics 1.0](https://prometheus.io/docs/specs/om/open_metrics_spec) if the client's \`Accept\` prefers it, or accepts both
equally, as Prometheus does. Counters have the same names in both. Concurrent scrapes share one response, and no scrape leaves
anything open.

## One process, or all servers

Families that begin with \`http_requests\` are read from the store: they are the totals of all servers that share it, since their
first start. Each server shows the same values, so use \`max\`, not \`sum\`, over instances:

\`\`\`text
max by (host, code) (http_requests_total)
sum by (host) (rate(reliw_request_duration_seconds_count[5m]))
\`\`\`

All other families are of one server, since its start.

| When                                 | What happens to the counts for the store                                                                                                         |
| ------------------------------------ | ------------------------------------------------------------------------------------------------------------------------------------------------ |
| The store is unavailable             | They are kept, and written when the store is back. Beyond 100,000 different counters, counts are dropped: see \`reliw_store_counts_dropped_total\` |
| The server is stopped (SIGTERM)      | All of them are written                                                                                                                          |
| The server is killed (\`kill -9\`)     | Counts since the last write are lost: at most one \`store.flush_interval\`, 250 ms by default                                                      |
| The connection breaks during a write | Counts that the store did not confirm are written again, and may count twice                                                                     |

While the store is unavailable, \`/metrics\` keeps serving the metrics of the process: \`reliw_store_up\` is 0, and the families of
all servers are absent rather than wrong. With \`metrics.strict\` the response is 503 instead.

## Bounds

The number of series and the duration of a scrape are bounded, whatever clients send:

| What                                 | Bound                                                                                                                                                                     |
| ------------------------------------ | ------------------------------------------------------------------------------------------------------------------------------------------------------------------------- |
| Hosts                                | Sites only, at most \`metrics.max_hosts\` (1,000); other hosts are \`other\` or \`unknown\`                                                                                     |
| Outcomes of a host                   | 200 combinations of status, method and kind; beyond that, only the class of the status is kept                                                                            |
| Series of any other family           | 1,000, of a histogram 200; beyond that, all labels are \`other\`                                                                                                            |
| Hosts read from the store            | \`metrics.scan_limit\` (2,000), found with SCAN in steps of \`metrics.scan_count\` keys (100), within 3 seconds; if that did not reach all hosts, \`reliw_fleet_complete\` is 0 |
| Other processes                      | 3 seconds                                                                                                                                                                 |
| Connections of the listener          | 64; a client that reads nothing of a response for 30 seconds is disconnected                                                                                              |
| Paths in \`METRICS:<host>:by_request\` | \`metrics.max_paths\` for each host (1,000), 20,000 in total, 500 characters each; other paths are \`other\`                                                                  |

KEYS is never used. A host is shown by name once its routes or its upstream are known, as a rule from its first request on.

\`METRICS:<host>:by_request\` counts requests for paths of files and pages with a status below 400, unless the server is
under pressure. It is not a metric, because there may be many paths: \`redis-cli -n 13 HGETALL RLW:METRICS:<host>:by_request\`.

## Several processes

If a server consists of several processes, one of them can collect the metrics of the others (\`peers\` of the package) and serve
them in one scrape: values are added, unless the tables below say \`max\` or \`min\`. \`reliw_processes\` is the number of processes.
Processes that do not respond are left out.

## Cost

Metrics cost about 2 µs per request, and the log line about 3 µs: together an eighth of the throughput of one core with a cached
page ([results](../bench/results/metrics.md)). A scrape of 1,000 hosts takes about 40 ms, in which a request may wait for up to 20 ms.

## Health

\`/livez\` is 200 as long as the process responds. \`/readyz\` is 503 while the server is not ready for requests:

\`\`\`json
{
  "status": "not ready",
  "reason": "draining"
}
\`\`\`

| \`reason\`                          | When                                                                                                          |
| --------------------------------- | ------------------------------------------------------------------------------------------------------------- |
| \`overloaded: rss\`                 | The process is near one of its limits, here memory, and refuses requests: see [limits.md](limits.md#pressure) |
| \`draining\`                        | The server is closing; requests in flight are finished                                                        |
| \`the store has not responded yet\` | After the start. A store that becomes unavailable later does not count: cached values are served              |

With \`metrics.health_path\`, such as \`/-/health\`, the server also serves \`/-/health/livez\` and \`/-/health/readyz\` on the main
listener, to all clients on all hosts; sites cannot use these two paths. Bans, rate limits, pressure and the firewall do not apply to
them, because a load balancer that is refused would remove the server. In an app of your own, register \`@reliw/metrics\` before
the plugins that refuse requests.

\`/status\` is always 200. Times are in seconds, sizes in bytes; \`recent\` covers the last five minutes:

\`\`\`json
{
  "status": "ready",
  "version": "1.0.0",
  "uptime": 86400,
  "workers": 1,
  "connections": 12,
  "in_flight": 2,
  "recent": { "requests": 4211, "error_rate": 0.0005 },
  "store": {
    "driver": "redis",
    "connected": true,
    "kept_bytes": 1048576,
    "kept_values": 2050,
    "hits": 120000,
    "misses": 2100,
    "stale_served": 0
  },
  "upstreams": [
    {
      "upstream": "shop.example",
      "circuit": "closed",
      "origins": [
        {
          "origin": "10.0.0.5:8080",
          "healthy": true,
          "draining": false,
          "in_flight": 2,
          "active": 2,
          "idle": 6,
          "pending": 0,
          "uploads": 0
        }
      ]
    }
  ],
  "certificates": [{ "name": "shop.example", "expires": "2027-02-01T00:00:00.000Z" }],
  "disk": { "data_dir": { "free_bytes": 52613349376, "total_bytes": 105226698752 } },
  "memory": { "rss": 157286400, "heap_used": 41943040, "external": 8388608 },
  "pressure": { "level": "normal", "heap": 0.02, "rss": 0.1, "open_files": 0.01 }
}
\`\`\`
`
