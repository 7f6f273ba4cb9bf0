/** For tests: a primitive inside what every page gives it. */
import { MantineProvider } from "@mantine/core";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { theme } from "../theme.ts";

export function renderUi(element: ReactNode) {
  return render(
    <MantineProvider theme={theme} env="test">
      {element}
    </MantineProvider>,
  );
}
