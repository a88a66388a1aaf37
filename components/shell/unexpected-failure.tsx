'use client'

import { isOfOlderBuild } from '@/components/form/older-build'
import { FailurePage } from '@/components/shell/failure-page'
import { Button, ButtonLink } from '@/components/ui/button'
import { paths } from '@/lib/paths'

type UnexpectedFailureProps = {
  error: Error & { digest?: string }
  retry: () => void
  /** Within the portal's frame. */
  inside?: boolean
}

/** What stands for a page that threw. */
export function UnexpectedFailure({ error, retry, inside }: UnexpectedFailureProps) {
  const frame = inside === undefined ? {} : { inside }
  if (isOfOlderBuild(error))
    return (
      <FailurePage
        {...frame}
        title="The portal was updated"
        actions={
          <Button variant="primary" onClick={() => location.reload()}>
            Load the page again
          </Button>
        }
      >
        This page was opened before, and a part of it is not there any more.
      </FailurePage>
    )
  return (
    <FailurePage
      {...frame}
      title="This page could not be shown"
      reference={error.digest}
      actions={
        <>
          <Button variant="primary" onClick={() => retry()}>
            Try again
          </Button>
          <ButtonLink href={paths.factories()}>Go to factories</ButtonLink>
        </>
      }
    >
      {error.digest
        ? 'The portal met an error that it did not expect. Nothing was changed. If it happens again, give the reference to whoever runs this portal: its log holds the details.'
        : 'The page met an error that it did not expect. Nothing was changed. If it happens again, load the page again, and tell whoever runs this portal what you did.'}
    </FailurePage>
  )
}
