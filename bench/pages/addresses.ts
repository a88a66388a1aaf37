import { paths } from '@/lib/paths'
import type { PagesWorkplace } from './workplace'

export type MeasuredPage = { name: string; path: string; signedOut?: true }

/** Every page of the portal that has an address of its own after the first run. */
export function measuredPages({ place, runId, nodeId }: PagesWorkplace): MeasuredPage[] {
  const factory = place.factory.name
  const runtime = place.runtime.name
  return [
    { name: 'Sign in', path: paths.signIn(), signedOut: true },
    { name: 'Factories', path: paths.factories() },
    { name: 'Factory overview', path: paths.factory(factory) },
    { name: 'Runtimes', path: paths.runtimes(factory) },
    { name: 'Runtime: nodes', path: paths.runtime(factory, runtime) },
    { name: 'Runtime: install and keys', path: paths.runtime(factory, runtime, 'install') },
    { name: 'Runtime: queue', path: paths.runtime(factory, runtime, 'queue') },
    { name: 'Runtime: settings', path: paths.runtime(factory, runtime, 'settings') },
    { name: 'Runtime: activity', path: paths.runtime(factory, runtime, 'activity') },
    { name: 'Node', path: paths.node(factory, runtime, nodeId) },
    { name: 'Linked services', path: paths.linkedServices(factory) },
    { name: 'Linked service', path: paths.linkedService(factory, 'warehouse') },
    { name: 'Linked service: browse', path: paths.linkedService(factory, 'warehouse', 'browse') },
    { name: 'Linked service: definition', path: paths.linkedService(factory, 'warehouse', 'definition') },
    { name: 'Datasets', path: paths.datasets(factory) },
    { name: 'Dataset', path: paths.dataset(factory, 'orders') },
    { name: 'Dataset: definition', path: paths.dataset(factory, 'orders', 'definition') },
    { name: 'Pipelines', path: paths.pipelines(factory) },
    { name: 'Pipeline', path: paths.pipeline(factory, 'orders-nightly') },
    { name: 'Pipeline: runs', path: paths.pipeline(factory, 'orders-nightly', 'runs') },
    { name: 'Pipeline: definition', path: paths.pipeline(factory, 'orders-nightly', 'definition') },
    { name: 'Copy data', path: paths.copyWizard(factory) },
    { name: 'Runs', path: paths.runs(factory) },
    { name: 'Run', path: paths.run(factory, runId) },
    { name: 'Account', path: paths.account() },
    { name: 'Audit', path: paths.audit() },
  ]
}
