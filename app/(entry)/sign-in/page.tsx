import { SignInScreen } from './_screen/sign-in-screen'

type Props = { searchParams: Promise<{ next?: string }> }

export default async function SignInPage({ searchParams }: Props) {
  return <SignInScreen next={(await searchParams).next} />
}
