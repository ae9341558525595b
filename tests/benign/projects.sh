# shellcheck shell=bash disable=SC2034 # COMMAND is for run
# The projects of packages.txt, read by `run`: what a project's own scripts and its dependencies'
# programs (tools) honestly do. Each function makes the files of one in $APP, which is a git
# repository with one commit, and sets COMMAND.

# manifest SCRIPTS [DEPENDENCY@VERSION...]: package.json; SCRIPTS is JSON.
manifest() {
	node -e 'const [file,scripts,...deps]=process.argv.slice(1);
		const p={name:"app",version:"1.0.0",private:true,scripts:JSON.parse(scripts),
			devDependencies:{}};
		for (const d of deps) {
			const at=d.lastIndexOf("@");
			p.devDependencies[d.slice(0,at)]=d.slice(at+1);
		}
		require("fs").writeFileSync(file,JSON.stringify(p,null,2)+"\n")' \
		"$APP/package.json" "$@"
}
# commands TEXT: COMMAND is these lines of shell.
commands() { COMMAND=(sh -ec "$1"); }

# ---- Hooks of git --------------------------------------------------------------------------------

project_husky() { manifest '{"prepare":"husky"}' husky@9.1.7; }
project_lefthook() {
	manifest '{"prepare":"lefthook install"}' lefthook@2.2.2
	printf 'pre-commit:\n  commands:\n    x:\n      run: "true"\n' >"$APP/lefthook.yml"
}
project_simple_git_hooks() {
	manifest '{"prepare":"simple-git-hooks"}' simple-git-hooks@2.14.0
	edit "$APP/package.json" 'p["simple-git-hooks"]={"pre-commit":"npx lint-staged"}'
}
# The hook that husky has put there runs tools when the job commits.
project_commit() {
	manifest '{"prepare":"husky"}' husky@9.1.7 lint-staged@16.2.7 prettier@3.7.4
	mkdir -p "$APP/.husky" && echo 'npx lint-staged' >"$APP/.husky/pre-commit"
	edit "$APP/package.json" 'p["lint-staged"]={"*.js":"prettier --write"}'
	echo 'a  = 1' >"$APP/a.js"
	echo node_modules >"$APP/.gitignore"
	commands 'npm install; git add -A; git commit -qm x; cat a.js'
}

# ---- What prepare and postinstall of projects do -------------------------------------------------

project_patch_package() {
	manifest '{"postinstall":"patch-package"}' patch-package@8.0.1 ms@2.1.3
	mkdir -p "$APP/patches"
	cat >"$APP/patches/ms+2.1.3.patch" <<-'DIFF'
		diff --git a/node_modules/ms/license.md b/node_modules/ms/license.md
		index fa5d39b..1111111 100644
		--- a/node_modules/ms/license.md
		+++ b/node_modules/ms/license.md
		@@ -1,3 +1,3 @@
		-The MIT License (MIT)
		+The MIT License (patched)
		 
		 Copyright (c) 2020 Vercel, Inc.
	DIFF
}
# A patch is made, as a developer makes one: a nested install, a git repository in /tmp.
project_patch_make() {
	manifest '{"postinstall":"patch-package"}' patch-package@8.0.1 ms@2.1.3
	commands 'npm install; echo "// x" >>node_modules/ms/index.js; npx patch-package ms; npm ci'
}
project_prisma() {
	manifest '{"postinstall":"prisma generate"}' prisma@6.19.0 @prisma/client@6.19.0
	mkdir -p "$APP/prisma"
	cat >"$APP/prisma/schema.prisma" <<-'PRISMA'
		generator client { 
		  provider = "prisma-client-js" 
		}
		datasource db { 
		  provider = "sqlite" 
		  url      = "file:./dev.db" 
		}
		model User { 
		  id Int @id 
		}
	PRISMA
}
project_prisma7() {
	project_prisma
	manifest '{"postinstall":"prisma generate"}' prisma@7.10.0 @prisma/client@7.10.0 \
		dotenv@17.2.3
	cat >"$APP/prisma/schema.prisma" <<-'PRISMA'
		generator client { 
		  provider = "prisma-client" 
		  output   = "../src/generated"
		}
		datasource db { 
		  provider = "sqlite" 
		}
		model User { 
		  id Int @id 
		}
	PRISMA
	cat >"$APP/prisma.config.ts" <<-'TS'
		import "dotenv/config";
		import { defineConfig } from "prisma/config";
		export default defineConfig({
		  schema: "prisma/schema.prisma",
		  datasource: { url: "file:./dev.db" },
		});
	TS
	echo 'DATABASE_URL=file:./dev.db' >"$APP/.env"
}
project_msw() { manifest '{"prepare":"msw init public --save"}' msw@2.9.0; }
project_tsc() {
	manifest '{"prepare":"tsc"}' typescript@5.9.3
	mkdir -p "$APP/src" && echo 'export const a: number = 1;' >"$APP/src/a.ts"
	echo '{"compilerOptions":{"outDir":"lib","strict":true},"include":["src"]}' \
		>"$APP/tsconfig.json"
}
project_playwright() {
	manifest '{"postinstall":"playwright install chromium"}' playwright@1.65.0
	COMMAND=(env PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT=2000 npm install)
}
project_angular_cli() {
	commands 'npx --yes @angular/cli@21.0.2 new app --defaults --skip-tests --skip-git; cd app
		npm run build'
}

# ---- Monorepos -----------------------------------------------------------------------------------

# members: packages/NAME, each with a build script
members() {
	local n
	for n in one two three; do
		mkdir -p "$APP/packages/$n/src"
		echo "module.exports = '$n';" >"$APP/packages/$n/src/index.js"
		cat >"$APP/packages/$n/package.json" <<-JSON
			{ "name": "@app/$n", "version": "1.0.0", "main": "dist/index.js",
			  "scripts": { "build": "mkdir -p dist && cp src/index.js dist/" } }
		JSON
	done
	edit "$APP/packages/two/package.json" 'p.dependencies={"@app/one":"1.0.0"}'
	edit "$APP/package.json" 'p.workspaces=["packages/*"]; p.packageManager="npm@11.19.1"'
	echo 'node_modules' >"$APP/.gitignore"
}
project_turbo() {
	manifest '{"prepare":"turbo run build"}' turbo@2.6.3
	members
	echo '{"tasks":{"build":{"dependsOn":["^build"],"outputs":["dist/**"]}}}' >"$APP/turbo.json"
}
project_nx() {
	manifest '{"prepare":"nx run-many -t build"}' nx@24.0.6
	members
	echo '{"targetDefaults":{"build":{"cache":true,"dependsOn":["^build"]}}}' >"$APP/nx.json"
}
project_lerna() {
	manifest '{"prepare":"lerna run build"}' lerna@9.0.3
	members
	echo '{"version":"1.0.0","packages":["packages/*"]}' >"$APP/lerna.json"
}
project_lerna_bootstrap() {
	manifest '{"postinstall":"lerna bootstrap && lerna run build"}' lerna@6.6.2
	members
	edit "$APP/package.json" 'delete p.workspaces'
	echo '{"version":"1.0.0","packages":["packages/*"]}' >"$APP/lerna.json"
}
project_wireit() {
	manifest '{"prepare":"npm run build","build":"wireit"}' wireit@0.14.12
	edit "$APP/package.json" 'p.wireit={build:{command:"mkdir -p out && cp package.json out/",
		files:["package.json"],output:["out/**"]}}'
}
# The root's prepare runs a program of a member, which writes into another member.
project_workspace_tool() {
	manifest '{"prepare":"generate && npm run build --workspaces --if-present"}' rimraf@6.1.2
	members
	mkdir -p "$APP/packages/generate"
	cat >"$APP/packages/generate/package.json" <<-'JSON'
		{ "name": "@app/generate", "version": "1.0.0", "bin": { "generate": "cli.js" },
		  "dependencies": { "semver": "7.7.3" },
		  "scripts": { "build": "rimraf dist" } }
	JSON
	cat >"$APP/packages/generate/cli.js" <<-'JS'
		#!/usr/bin/env node
		const fs = require('fs'), { execSync } = require('child_process');
		require('semver');
		const p = JSON.parse(fs.readFileSync('packages/two/package.json'));
		p.version = '1.0.1';
		fs.writeFileSync('packages/two/package.json', JSON.stringify(p, null, 2));
		fs.writeFileSync('packages/two/src/generated.js', 'module.exports = 1;');
		fs.writeFileSync('.env.local', 'A=1');
		execSync('git status --porcelain && git rev-parse HEAD', { stdio: 'inherit' });
	JS
	chmod 755 "$APP/packages/generate/cli.js"
}
project_preconstruct() {
	manifest '{"postinstall":"manypkg check && changeset status --since HEAD || true"}' \
		@manypkg/cli@0.25.1 @changesets/cli@2.29.8
	members
	mkdir -p "$APP/.changeset" && echo '{"baseBranch":"master"}' >"$APP/.changeset/config.json"
}

# ---- Generators, and what they made is built -----------------------------------------------------

project_create_vite() {
	commands 'npx --yes create-vite@8.2.0 app --template react-ts --no-interactive; cd app
		npm install; npm run build; npm run lint'
}
project_create_vue() {
	commands 'npx --yes create-vite@8.2.0 app --template vue-ts --no-interactive; cd app
		npm install; npm run build'
}
project_create_svelte() {
	commands 'npx --yes create-vite@8.2.0 app --template svelte --no-interactive; cd app
		npm install; npm run build'
}
project_create_next() {
	commands 'npx --yes create-next-app@16.0.10 app --yes --ts --no-tailwind; cd app
		NEXT_TELEMETRY_DISABLED=1 npm run build'
}
project_create_react() {
	commands 'npx --yes create-react-app@5.1.0 app; cd app; npm run build'
}
project_create_eleventy() {
	manifest '{"prepare":"eleventy"}' @11ty/eleventy@3.1.2
	echo '# Hello' >"$APP/index.md"
}
project_create_express() {
	commands 'npx --yes express-generator@4.16.1 app; cd app; npm install; npm start & sleep 2
		kill $!'
}

# ---- A library's life ----------------------------------------------------------------------------

project_library() {
	manifest '{"prepare":"npm run build",
		"build":"rollup -c && tsup src/a.ts && esbuild src/a.ts --outfile=e.js",
		"test":"vitest run && jest && mocha a.mocha.js && c8 node a.mocha.js",
		"lint":"eslint src && prettier -c src", "posttest":"npm run lint"}' \
		rollup@4.53.3 tsup@8.5.1 esbuild@0.27.1 typescript@5.9.3 vitest@4.0.15 jest@30.2.0 \
		mocha@11.7.5 c8@10.1.3 eslint@9.39.1 prettier@3.7.4
	mkdir -p "$APP/src" "$APP/__tests__"
	echo 'export const a = 1;' >"$APP/src/a.ts"
	echo 'export default { input: "src/a.ts", output: { dir: "r" } };' >"$APP/rollup.config.mjs"
	echo 'export default [];' >"$APP/eslint.config.mjs"
	echo 'test("x", () => expect(1).toBe(1));' >"$APP/__tests__/a.js"
	echo 'import { test } from "vitest"; test("x", () => {});' >"$APP/src/a.test.ts"
	echo 'globalThis.it && it("x", () => {});' >"$APP/a.mocha.js"
	echo 'export default { test: { include: ["src/*.test.ts"] } };' >"$APP/vitest.config.mjs"
	edit "$APP/package.json" 'p.jest={testMatch:["**/__tests__/*.js"]}'
	commands 'npm install; npm test; npm pack --dry-run; npm version patch --no-git-tag-version'
}
