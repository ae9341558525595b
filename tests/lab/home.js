// Fills a directory with fake secrets and documents, each with a token of its own that occurs nowhere else.
//
//   node home.js HOME REGISTRY TOKEN OUT
//
// REGISTRY is the URL that .npmrc names, TOKEN what it logs in with. Into OUT go: canaries ("NAME TOKEN" lines),
// env (NAME=VALUE lines: the secrets that a job has in its environment) and manifest (for sha256sum --check).
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const [home, registry, registry_token, out] = process.argv.slice(2);
const nodedir = fs.existsSync('/usr/include/node/node.h') ? 'nodedir=/usr\n' : ''; // node-gyp then downloads nothing
const key = (t) => `-----BEGIN OPENSSH PRIVATE KEY-----\n${t}\n-----END OPENSSH PRIVATE KEY-----`;

const secrets = {
  '.npmrc': (t) => `registry=${registry}\n${registry.replace(/^http:/, '')}:_authToken=${t}\n` +
    `audit=false\nfund=false\nupdate-notifier=false\n${nodedir}`,
  '.pypirc': (t) => `[pypi]\nusername = __token__\npassword = pypi-${t}`,
  '.netrc': (t) => `machine example.invalid login ci password ${t}`,
  '.git-credentials': (t) => `https://ci:ghp_${t}@example.invalid`,
  '.gitconfig': (t) => `[user]\n\tname = Lab\n\temail = lab-${t}@example.invalid\n[init]\n\tdefaultBranch = main`,
  '.config/gh/hosts.yml': (t) => `example.invalid:\n    user: ci\n    oauth_token: gho_${t}`,
  '.aws/credentials': (t) => `[default]\naws_access_key_id = AKIAWSLABFAKE\naws_secret_access_key = ${t}`,
  '.aws/config': (t) => `[default]\nregion = eu-lab-1\nsso_session = ${t}`,
  '.azure/accessTokens.json': (t) => `[{"accessToken":"${t}"}]`,
  '.azure/azureProfile.json': (t) => `{"subscriptions":[{"id":"${t}"}]}`,
  '.config/gcloud/credentials.db': (t) => t,
  '.config/gcloud/access_tokens.db': (t) => t,
  '.config/gcloud/application_default_credentials.json': (t) => `{"type":"authorized_user","refresh_token":"${t}"}`,
  '.kube/config': (t) => `apiVersion: v1\nusers:\n- name: ci\n  user: {token: ${t}}`,
  '.docker/config.json': (t) => `{"auths":{"example.invalid":{"auth":"${t}"}}}`,
  '.ssh/id_ed25519': key,
  '.ssh/id_rsa': key,
  '.ssh/known_hosts': (t) => `example.invalid ssh-ed25519 ${t}`,
  '.ssh/config': (t) => `Host example.invalid\n  User ${t}`,
  '.vault-token': (t) => `hvs.${t}`,
  '.terraform.d/credentials.tfrc.json': (t) => `{"credentials":{"example.invalid":{"token":"${t}"}}}`,
  '.env': (t) => `DATABASE_URL=postgres://ci:${t}@example.invalid/db`,
  '.bash_history': (t) => `export SECRET=${t}`,
  '.zsh_history': (t) => `: 1700000000:0;export SECRET=${t}`,
  '.cargo/credentials.toml': (t) => `[registry]\ntoken = "${t}"`,
  '.gnupg/private-keys-v1.d/0123456789ABCDEF0123456789ABCDEF01234567.key': (t) => `(private-key ${t})`,
  '.config/op/config': (t) => `{"accounts":[{"shorthand":"lab","secret":"${t}"}]}`,
  '.config/Bitwarden/data.json': (t) => `{"token":"${t}"}`,
  '.password-store/ci/token.gpg': (t) => t,
  '.local/share/gopass/stores/root/ci.age': (t) => t,
  '.claude.json': (t) => `{"oauthAccount":{"token":"${t}"}}`,
  '.claude/settings.json': (t) => `{"env":{"KEY":"${t}"}}`,
  '.codex/auth.json': (t) => `{"OPENAI_API_KEY":"sk-${t}"}`,
  '.cursor/mcp.json': (t) => `{"mcpServers":{"x":{"env":{"KEY":"${t}"}}}}`,
  '.codeium/windsurf/mcp_config.json': (t) => `{"mcpServers":{"x":{"env":{"KEY":"${t}"}}}}`,
  '.config/zed/settings.json': (t) => `{"language_models":{"key":"${t}"}}`,
  '.ethereum/keystore/UTC--lab': (t) => `{"crypto":{"ciphertext":"${t}"}}`,
  '.bitcoin/wallet.dat': (t) => t,
  '.config/solana/id.json': (t) => `["${t}"]`,
  '.config/Exodus/exodus.wallet/seed.seco': (t) => t,
  '.config/google-chrome/Default/Login Data': (t) => t,
  '.mozilla/firefox/lab.default/logins.json': (t) => `{"logins":[{"encryptedPassword":"${t}"}]}`,
  '.mozilla/firefox/lab.default/key4.db': (t) => t,
  '.config/Slack/Cookies': (t) => t,
  '.config/discord/Local Storage/leveldb/000003.log': (t) => t,
  'actions-runner/.runner': (t) => `{"agentName":"lab","poolId":1,"k":"${t}"}`,
  'actions-runner/.credentials': (t) => `{"scheme":"OAuth","data":{"clientId":"${t}"}}`,
  'actions-runner/.credentials_rsaparams': (t) => `{"d":"${t}"}`,
  'actions-runner/_work/_temp/_runner_file_commands/set_env_lab': (t) => `LAB=${t}`,
  '.bashrc': (t) => `# lab ${t}`,
  '.profile': (t) => `# lab ${t}`,
};
const environment = ['NPM_TOKEN', 'NODE_AUTH_TOKEN', 'GITHUB_TOKEN', 'GH_TOKEN', 'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN', 'ACTIONS_RUNTIME_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'DATABASE_URL', 'OPENAI_API_KEY',
  'ANTHROPIC_API_KEY'];

const token = () => crypto.randomBytes(20).toString('hex');
const canaries = [];
const manifest = [];
const plant = (name, text) => {
  const file = path.join(home, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  manifest.push(`${crypto.createHash('sha256').update(text).digest('hex')}  ./${name}`);
};

for (const [name, make] of Object.entries(secrets)) {
  const t = name === '.npmrc' ? registry_token : token();
  plant(name, make(t).replace(/\n*$/, '\n'));
  canaries.push(`${name.replace(/ /g, '_')} ${t}`);
}
for (let i = 1; i <= 40; i++) {
  plant(`Documents/d${i % 4}/letter-${i}.txt`, `canary document ${i}\n` + 'the quick brown fox jumps over it\n'.repeat(60));
}
fs.mkdirSync(path.join(home, 'work/app'), { recursive: true });
fs.writeFileSync(path.join(home, '.wormsign-lab'), ''); // attack programs do nothing in a home without it
for (const file of ['.npmrc', '.ssh/id_ed25519', '.ssh/id_rsa']) fs.chmodSync(path.join(home, file), 0o600);
for (const dir of ['.ssh', '.gnupg']) fs.chmodSync(path.join(home, dir), 0o700);

const env = environment.map((name) => [name, token()]);
fs.writeFileSync(path.join(out, 'env'), env.map(([n, t]) => `${n}=${t}\n`).join(''));
fs.writeFileSync(path.join(out, 'canaries'), canaries.concat(env.map(([n, t]) => `env:${n} ${t}`)).join('\n') + '\n');
fs.writeFileSync(path.join(out, 'manifest'), manifest.join('\n') + '\n');
