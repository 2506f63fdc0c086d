import { expect, test } from "vitest";
import { socketFolderOf } from "./socket-folder.ts";

test("a database that is reached by a socket has a folder, and one in the network has none", () => {
  expect(socketFolderOf("postgresql://api@localhost:5432/api?host=%2Ftmp%2Fdata%2Fsocket")).toBe("/tmp/data/socket");
  expect(socketFolderOf("postgresql://api:geheim@db.example.com/api?sslmode=require")).toBeNull();
  expect(socketFolderOf("postgresql://api@localhost/api?host=db.example.com")).toBeNull();
  expect(socketFolderOf("host=/run/postgresql dbname=api")).toBeNull();
});
