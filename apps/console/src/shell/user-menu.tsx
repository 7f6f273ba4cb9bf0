"use client";
import { Menu, UnstyledButton } from "@mantine/core";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { paths } from "../paths.ts";
import { signOut } from "../session/auth.ts";
import { Icon } from "../ui/icon.tsx";
import classes from "./user-menu.module.css";

export function UserMenu({ name }: { name: string }) {
  const router = useRouter();
  const [asked, setAsked] = useState(false);
  const button = (
    <UnstyledButton className={classes.button} aria-label={`Account: ${name}`} onClick={() => setAsked(true)}>
      <Icon name="user" size={15} />
      <span className={classes.name}>{name}</span>
      <Icon name="chevronDown" size={11} />
    </UnstyledButton>
  );
  if (!asked) return button;
  return (
    <Menu defaultOpened position="bottom-end" withInitialFocusPlaceholder={false} onClose={() => setAsked(false)}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="key" />} onClick={() => router.push(paths.account())}>
          Account and API keys
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut().then(() => window.location.assign(paths.signIn()))}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
