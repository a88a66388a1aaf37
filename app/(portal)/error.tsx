'use client'

import { UnexpectedFailure } from '@/components/shell/unexpected-failure'

type ErrorPageProps = { error: Error & { digest?: string }; retry: () => void }

export default function ErrorPage(props: ErrorPageProps) {
  return <UnexpectedFailure {...props} inside />
}
