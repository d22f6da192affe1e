import { ConfirmScreen } from './_screen/confirm-screen'

type Props = { searchParams: Promise<{ next?: string; for?: string }> }

export default async function ConfirmPage({ searchParams }: Props) {
  const { next, for: about } = await searchParams
  return <ConfirmScreen next={next} about={about} />
}
