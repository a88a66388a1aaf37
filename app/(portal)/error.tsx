'use client'

import { FailurePage } from '@/components/shell/failure-page'
import { Button, ButtonLink } from '@/components/ui/button'
import { paths } from '@/lib/paths'

type ErrorPageProps = { error: Error & { digest?: string }; retry: () => void }

export default function ErrorPage({ error, retry }: ErrorPageProps) {
  return (
    <FailurePage
      inside
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
      The portal met an error that it did not expect. Nothing was changed. If it happens again, give the
      reference to whoever runs this portal: its log holds the details.
    </FailurePage>
  )
}
