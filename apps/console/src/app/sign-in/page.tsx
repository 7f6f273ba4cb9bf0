import { AuthCard } from "../../session/auth-card.tsx";
import { SignInForm } from "../../session/sign-in-form.tsx";

export const metadata = { title: "Sign in · Muster" };

export default function Page() {
  return (
    <AuthCard title="Sign in" intro="One console for every VPS on every node.">
      <SignInForm />
    </AuthCard>
  );
}
