import type { Metadata } from 'next'
import { portalPage } from '@/app/portal-page'
import { PipelineActivities } from '@/components/pipelines/pipeline-activities'
import { PipelineHeader } from '@/components/pipelines/pipeline-header'
import { PageBody } from '@/components/shell/page-header'
import { loadPipeline, type PipelineParams } from '../load'

type PageProps = { params: PipelineParams }

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: (await params).pipeline }
}

export default async function PipelinePage({ params }: PageProps) {
  return await portalPage(async (ctx) => {
    const { factory, pipeline, rights } = await loadPipeline(ctx, params)
    return (
      <>
        <PipelineHeader factory={factory.name} pipeline={pipeline} rights={rights} />
        <PageBody>
          <PipelineActivities factory={factory.name} pipeline={pipeline} />
        </PageBody>
      </>
    )
  })
}
