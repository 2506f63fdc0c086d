// Does one thing with GitHub's own clients, as an action would, and prints the result as its last line. They read the
// environment and change the process, so each use gets a process of its own.

const [what, ...args] = process.argv.slice(2);

async function use() {
  switch (what) {
    case "save": {
      const { saveCache } = await import("@actions/cache");
      return saveCache([args[1]], args[0]);
    }
    case "restore": {
      const { restoreCache } = await import("@actions/cache");
      return restoreCache([args[1]], args[0], args.slice(2));
    }
    case "upload": {
      const { DefaultArtifactClient } = await import("@actions/artifact");
      return new DefaultArtifactClient().uploadArtifact(args[0], args.slice(2), args[1]);
    }
    case "list": {
      const { DefaultArtifactClient } = await import("@actions/artifact");
      return new DefaultArtifactClient().listArtifacts();
    }
    case "download": {
      const { DefaultArtifactClient } = await import("@actions/artifact");
      const client = new DefaultArtifactClient();
      const { artifact } = await client.getArtifact(args[0]);
      return client.downloadArtifact(artifact.id, { path: args[1], expectedHash: artifact.digest });
    }
    case "delete": {
      const { DefaultArtifactClient } = await import("@actions/artifact");
      return new DefaultArtifactClient().deleteArtifact(args[0]);
    }
    default:
      throw new Error(`no such use: ${what}`);
  }
}

const answered = await use().then(
  (value) => ({ value: value ?? null }),
  (thrown) => ({ thrown: String(thrown) }),
);
process.stdout.write(`\n${JSON.stringify(answered)}\n`);
