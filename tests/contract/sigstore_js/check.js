// Reads cases as JSON from standard input, and writes for each "accepted" or what was wrong.
"use strict";
const { createRequire } = require("node:module");
const { createPublicKey } = require("node:crypto");
const path = require("node:path");

const installed = createRequire(path.join(process.argv[2], "node_modules", "x.js"));
const folder = path.dirname(installed.resolve("@sigstore/verify"));
const { verifyCheckpoint } = require(path.join(folder, "tlog", "checkpoint.js"));
const { verifyMerkleInclusion } = require(path.join(folder, "tlog", "merkle.js"));

function judge(one) {
  const entry = {
    canonicalizedBody: Buffer.from(one.entry, "base64"),
    inclusionProof: {
      logIndex: one.index,
      hashes: one.path.map((hash) => Buffer.from(hash, "base64")),
      checkpoint: { envelope: one.checkpoint },
    },
  };
  const log = {
    logID: Buffer.from(one.keyId, "hex"),
    baseURL: `https://${one.origin}`,
    publicKey: createPublicKey(one.publicKey),
  };
  verifyMerkleInclusion(entry, verifyCheckpoint(entry, [log]));
}

let text = "";
process.stdin.on("data", (part) => { text += part; }).on("end", () => {
  const answers = JSON.parse(text).map((one) => {
    try { judge(one); return "accepted"; } catch (error) { return String(error.code ?? error); }
  });
  process.stdout.write(JSON.stringify(answers));
});
