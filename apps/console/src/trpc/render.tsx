/** For tests: a component before an API that answers by path, without a network. */
import type { AppRouter } from "@muster/api/root";
import { MusterError } from "@muster/model/errors";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, type Operation, TRPCClientError, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { ReactNode } from "react";
import { renderUi } from "../ui/render.tsx";
import { TRPCProvider } from "./client.tsx";

/**
 * What is thrown travels as the API sends a refusal; a client's own error, of an answer that was lost, as it is. A path
 * without an answer is never answered.
 */
export type Answers = Readonly<Record<string, (input: unknown) => unknown>>;

function refusal(error: unknown): TRPCClientError<AppRouter> {
  if (error instanceof TRPCClientError) return error;
  const muster = error instanceof MusterError ? error.view() : { code: "internal", message: String(error) };
  return TRPCClientError.from({ error: { code: -32_603, message: muster.message, data: { muster } } });
}

function answering(answers: Answers): TRPCLink<AppRouter> {
  return () =>
    ({ op }: { op: Operation }) =>
      observable((observer) => {
        const answer = answers[op.path];
        if (answer === undefined) return;
        try {
          observer.next({ result: { type: "data", data: answer(op.input) } });
          observer.complete();
        } catch (error) {
          observer.error(refusal(error));
        }
      });
}

export function renderWithApi(element: ReactNode, answers: Answers) {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const trpcClient = createTRPCClient<AppRouter>({ links: [answering(answers)] });
  return renderUi(
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {element}
      </TRPCProvider>
    </QueryClientProvider>,
  );
}
