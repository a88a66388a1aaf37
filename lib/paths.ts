type Query = Record<string, string | number | boolean | null | undefined>

const at = (...segments: string[]) => `/${segments.map(encodeURIComponent).join('/')}`

/** Adds the search parameters that have a value to a path; a filter that is empty leaves no trace in the address. */
export function withQuery(path: string, query: Query): string {
  const entries = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  )
  const search = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString()
  return search ? `${path}?${search}` : path
}

/** Every address of the portal. Factories, runtimes, linked services, datasets and pipelines are addressed by name, nodes and runs by id. */
export const paths = {
  home: () => at(),
  setup: () => at('setup'),
  signIn: (returnTo?: string) => withQuery(at('sign-in'), { returnTo }),
  account: () => at('account'),
  sessionData: (view: Query = {}) => withQuery(at('api', 'session'), view),
  audit: () => at('audit'),
  search: (query: string) => withQuery(at('api', 'search'), { q: query }),

  factories: () => at('factories'),
  newFactory: () => withQuery(at('factories'), { new: 1 }),
  factory: (factory: string) => at('factories', factory),
  factoryData: (factory: string) => at('api', 'factories', factory),

  runtimes: (factory: string) => at('factories', factory, 'runtimes'),
  runtime: (factory: string, runtime: string, tab?: RuntimeTab) =>
    tab && tab !== 'nodes'
      ? at('factories', factory, 'runtimes', runtime, tab)
      : at('factories', factory, 'runtimes', runtime),
  node: (factory: string, runtime: string, nodeId: string) =>
    at('factories', factory, 'runtimes', runtime, 'nodes', nodeId),

  runtimeData: (runtimeId: string, view: Query = {}) => withQuery(at('api', 'runtimes', runtimeId), view),
  nodeData: (nodeId: string) => at('api', 'nodes', nodeId),
  agentFile: () => at('api', 'agent', 'download', 'sallyport-agent.cjs'),
  auditCheck: () => at('api', 'audit', 'check'),

  storesData: (factory: string, filter: Query = {}) =>
    withQuery(at('api', 'factories', factory, 'stores'), filter),
  vaultsData: (factory: string, filter: Query = {}) =>
    withQuery(at('api', 'factories', factory, 'vaults'), filter),
  linkedServices: (factory: string) => at('factories', factory, 'linked-services'),
  linkedService: (factory: string, linkedService: string, tab?: LinkedServiceTab) =>
    at('factories', factory, 'linked-services', linkedService, ...(tab && tab !== 'overview' ? [tab] : [])),

  datasets: (factory: string) => at('factories', factory, 'datasets'),
  dataset: (factory: string, dataset: string, tab?: DatasetTab) =>
    at('factories', factory, 'datasets', dataset, ...(tab && tab !== 'overview' ? [tab] : [])),

  pipelines: (factory: string) => at('factories', factory, 'pipelines'),
  pipeline: (factory: string, pipeline: string, tab?: PipelineTab) =>
    tab && tab !== 'activities'
      ? at('factories', factory, 'pipelines', pipeline, tab)
      : at('factories', factory, 'pipelines', pipeline),
  takenNames: (factory: string, pipeline: string) =>
    withQuery(at('api', 'factories', factory, 'taken-names'), { pipeline }),
  copyWizard: (factory: string, from: { linkedService?: string; schema?: string; table?: string } = {}) =>
    withQuery(at('factories', factory, 'copy'), from),

  runs: (factory: string, filter: Query = {}) => withQuery(at('factories', factory, 'runs'), filter),
  run: (factory: string, runId: string) => at('factories', factory, 'runs', runId),
  runsData: (factory: string, filter: Query = {}) =>
    withQuery(at('api', 'factories', factory, 'runs'), filter),
  runData: (runId: string, view: Query = {}) => withQuery(at('api', 'runs', runId), view),
  runReceipt: (runId: string) => at('api', 'runs', runId, 'receipt'),
  runLog: (runId: string) => at('api', 'runs', runId, 'log'),
} as const

/** Tabs of a runtime's page, each an address of its own; `nodes` is the page itself. */
export const runtimeTabs = ['nodes', 'install', 'queue', 'settings', 'activity'] as const
export type RuntimeTab = (typeof runtimeTabs)[number]

/** Tabs of a pipeline's page; `activities` is the page itself. */
export const pipelineTabs = ['activities', 'runs', 'definition'] as const
export type PipelineTab = (typeof pipelineTabs)[number]

/** Tabs of a linked service's page; `overview` is the page itself. */
export const linkedServiceTabs = ['overview', 'browse', 'definition'] as const
export type LinkedServiceTab = (typeof linkedServiceTabs)[number]
/** Tabs of a dataset's page; `overview` is the page itself. */
export const datasetTabs = ['overview', 'definition'] as const
export type DatasetTab = (typeof datasetTabs)[number]
