import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { PipelineDefinitionForm } from '@/components/pipelines/pipeline-definition-form'
import { PipelineHeader } from '@/components/pipelines/pipeline-header'
import { PageBody } from '@/components/shell/page-header'
import { loadPipeline, type PipelineParams } from '../../load'

type PageProps = { params: PipelineParams }

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: `${(await params).pipeline}, definition` }
}

export default async function PipelineDefinitionPage({ params }: PageProps) {
  return await portalPage(async (ctx) => {
    const { factory, pipeline, rights } = await loadPipeline(ctx, params)
    return (
      <>
        <PipelineHeader factory={factory.name} pipeline={pipeline} rights={rights} />
        <PageBody>
          <PipelineDefinitionForm pipeline={pipeline} refusal={rights.write} />
        </PageBody>
      </>
    )
  })
}
