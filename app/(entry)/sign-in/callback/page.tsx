import { CallbackScreen } from './_screen/callback-screen'

type Props = { searchParams: Promise<{ next?: string }> }

export default async function CallbackPage({ searchParams }: Props) {
  return <CallbackScreen next={(await searchParams).next} />
}
