import { readAgentFile } from '@/lib/agent-file'

type FileRoute = { params: Promise<{ file: string }> }

/** The node agent, for install lines: public, because it holds no secret and a machine has no session. */
export async function GET(request: Request, { params }: FileRoute): Promise<Response> {
  if ((await params).file !== 'sallyport-agent.cjs') return new Response('No such file\n', { status: 404 })
  const agent = await readAgentFile()
  if (!agent)
    return new Response('The agent is not built on this portal: run "npm run build" there\n', { status: 503 })
  const headers = {
    'content-type': 'application/javascript; charset=utf-8',
    'cache-control': 'no-cache',
    etag: `"${agent.sha256}"`,
    'x-checksum-sha256': agent.sha256,
  }
  if (request.headers.get('if-none-match') === headers.etag)
    return new Response(null, { status: 304, headers })
  return new Response(agent.bytes, { headers })
}
