import { ForgotPasswordScreen } from './_screen/forgot-password-screen'

type Props = { searchParams: Promise<{ next?: string }> }

export default async function ForgotPasswordPage({ searchParams }: Props) {
  return <ForgotPasswordScreen next={(await searchParams).next} />
}
