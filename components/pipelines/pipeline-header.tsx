import { PageHeader } from '@/components/shell/page-header'
import { Tabs } from '@/components/ui/tabs'
import { Time } from '@/components/ui/time'
import { type PipelineTab, paths } from '@/lib/paths'
import type { Pipeline } from '@/lib/pipelines/queries'
import { PipelineActions, type PipelineRights } from './pipeline-actions'

type PipelineHeaderProps = { factory: string; pipeline: Pipeline; rights: PipelineRights }

/** The top of a pipeline's page. */
export function PipelineHeader({ factory, pipeline, rights }: PipelineHeaderProps) {
  const { name, definition, updatedAt } = pipeline
  const tab = (label: string, of: PipelineTab) => ({ label, href: paths.pipeline(factory, name, of) })
  return (
    <PageHeader
      title={name}
      description={definition.description}
      state={
        <span className="text-fg-muted">
          Changed <Time value={updatedAt} />
        </span>
      }
      actions={<PipelineActions factory={factory} pipeline={pipeline} rights={rights} />}
      tabs={
        <Tabs
          label={`Pipeline ${name}`}
          tabs={[tab('Activities', 'activities'), tab('Runs', 'runs'), tab('Definition', 'definition')]}
        />
      }
    />
  )
}
