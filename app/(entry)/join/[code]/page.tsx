import { JoinScreen } from './_screen/join-screen'

type Props = { params: Promise<{ code: string }> }

export default async function JoinPage({ params }: Props) {
  return <JoinScreen code={decodeURIComponent((await params).code)} />
}
