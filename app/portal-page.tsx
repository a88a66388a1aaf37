import type { Metadata } from 'next'
import { notFound, unstable_rethrow } from 'next/navigation'
import type { ReactNode } from 'react'
import { FailurePage } from '@/components/shell/failure-page'
import { ButtonLink } from '@/components/ui/button'
import { findActor, requireContext, type UserContext } from '@/lib/auth/session'
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

/**
 * A page's title out of a read that the page shares: the thing's name, and what kind of thing it is. Who may not see the
 * thing learns its kind only; why, the page says.
 */
export async function portalTitle(
  kind: string,
  readName: (ctx: UserContext) => Promise<string>,
): Promise<Metadata> {
  if ((await findActor()) === null) return { title: kind }
  try {
    return { title: `${await readName(await requireContext())} · ${kind}` }
  } catch {
    return { title: kind }
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
