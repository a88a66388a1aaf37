import { notFound, unstable_rethrow } from 'next/navigation'
import type { ReactNode } from 'react'
import { FailurePage } from '@/components/shell/failure-page'
import { ButtonLink } from '@/components/ui/button'
import { requireContext, type UserContext } from '@/lib/auth/session'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths'

/** A page out of reads: the signed-in user, then what `render` shows, or why it may not be shown. */
export async function portalPage(render: (ctx: UserContext) => Promise<ReactNode>): Promise<ReactNode> {
  const ctx = await requireContext()
  try {
    return await render(ctx)
  } catch (error) {
    unstable_rethrow(error)
    if (!(error instanceof AppError)) throw error
    if (error.code === 'not_found') notFound()
    if (error.code === 'forbidden') return <Refused message={error.message} />
    throw error
  }
}

function Refused({ message }: { message: string }) {
  return (
    <FailurePage
      inside
      title="You may not see this page"
      actions={
        <ButtonLink variant="primary" href={paths.factories()}>
          Go to factories
        </ButtonLink>
      }
    >
      {message}. Ask an owner of your organisation for it.
    </FailurePage>
  )
}
