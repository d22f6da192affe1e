import { SignUpScreen } from './_screen/sign-up-screen'

type Props = { searchParams: Promise<{ next?: string }> }

export default async function SignUpPage({ searchParams }: Props) {
  return <SignUpScreen next={(await searchParams).next} />
}
