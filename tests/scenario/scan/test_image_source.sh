#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One image from a registry, a layout, a layout in a tar and an archive of docker save.
. "$(dirname "$0")/../lib.sh"
need docker-registry skopeo python3 jq tar gzip

probe() { "$PROBES/image_probe" "$@" || true; }

amd=$(make_image "$WORK/layout" amd amd64 etc/os-release=ID=debian opt/data=@200000)
arm=$(make_image "$WORK/layout" arm arm64 etc/os-release=ID=alpine)
both=$(make_index "$WORK/layout" both amd arm)
start_registry open
R=127.0.0.1:$PORT
push "$WORK/layout:both" "$R/team/app:v1"

say "the same image from everywhere"
want=$(probe -p linux/amd64 -P "$R/team/app:v1")
expect_match "registry" "^image $amd linux/amd64 ok" "$want"
expect_match "its index" "index $both" "$want"
expect "its layers" 2 "$(grep -c ^layer <<< "$want")"
while read -r _ digest _ _ _ sum _; do expect "layer's bytes" "$digest" "$sum"; done <<< "$(grep ^layer <<< "$want")"
layers() { grep ^layer <<< "$1" | cut -d' ' -f2-6; }
got=$(probe -p linux/amd64 "oci:$WORK/layout:both")
expect "layout" "$(layers "$want")" "$(layers "$got")"
expect "layout in place" "$(cut -d' ' -f2 <<< "$(grep ^layer <<< "$got")")" "$(grep ^layer <<< "$got" | cut -d' ' -f7)"
tar -C "$WORK/layout" -cf "$WORK/layout.tar" .
got=$(probe -p linux/amd64 "oci-archive:$WORK/layout.tar:both")
expect "layout in a tar" "$(layers "$want")" "$(layers "$got")"
expect "in place" "$(cut -d' ' -f2 <<< "$(grep ^layer <<< "$got")")" "$(grep ^layer <<< "$got" | cut -d' ' -f7)"
skopeo --insecure-policy copy -q "oci:$WORK/layout:amd" "docker-archive:$WORK/docker.tar:team/app:v1"
got=$(probe "docker-archive:$WORK/docker.tar")
config=$(jq -r .config.digest "$WORK/layout/blobs/sha256/${amd#sha256:}")
expect_match "docker save" "^image $config linux/amd64 ok" "$got"
expect_match "its tag" "tag .*team/app:v1" "$got"
expect "diff ids" "$(grep ^layer <<< "$want" | cut -d' ' -f3)" "$(grep ^layer <<< "$got" | cut -d' ' -f2)"
expect "diff ids are the bytes" "$(grep ^layer <<< "$got" | cut -d' ' -f2)" "$(grep ^layer <<< "$got" | cut -d' ' -f7)"
expect_match "by its tag" "^image $config" "$(probe "docker-archive:$WORK/docker.tar:team/app:v1")"

say "platforms"
expect_match "arm64" "^image $arm linux/arm64 ok" "$(probe -p linux/arm64/v8 "oci:$WORK/layout:both")"
expect_match "one that is not there" "^error usage .*linux/amd64, linux/arm64$" "$(probe -p linux/s390x "oci:$WORK/layout:both")"
expect_match "not in a single image" "^error usage .*linux/arm64" "$(probe -p linux/s390x "oci:$WORK/layout:arm")"
expect_match "not behind a registry's tag" "^error usage " "$(probe -p linux/s390x -P "$R/team/app@$arm")"
expect_match "not in an archive" "^error usage .*is for linux/amd64" "$(probe -p linux/arm64 "docker-archive:$WORK/docker.tar")"

say "names that are not there"
expect_match "layout" "^error usage it has no image nope; .*@0 amd .*@1 arm .*@2 both $both linux/amd64,linux/arm64$" "$(probe "oci:$WORK/layout:nope")"
expect_match "several" "^error usage it holds several images; add which one, oci:$WORK/layout:NAME, :@NUMBER or :@DIGEST, of: @0 amd $amd linux/amd64; @1 arm $arm linux/arm64; @2 both" "$(probe "oci:$WORK/layout")"
expect_match "docker" "^error usage it has no image nope; .*@0 .*team/app:v1 $config linux/amd64$" "$(probe "docker-archive:$WORK/docker.tar:nope")"
expect_match "no folder" "^error usage .*No such file" "$(probe "oci:$WORK/nothing")"
expect_match "no archive" "^error usage .*No such file" "$(probe "oci-archive:$WORK/nothing")"
mkdir "$WORK/empty"; expect_match "no layout" "^error not found .*index.json" "$(probe "oci:$WORK/empty")"
gzip -k "$WORK/docker.tar"
expect_match "compressed" "^error usage .*gzip; unpack it first" "$(probe "docker-archive:$WORK/docker.tar.gz")"
echo nonsense > "$WORK/text"; expect_match "no tar" "^error usage .*no tar" "$(probe "docker-archive:$WORK/text")"
mkfifo "$WORK/fifo"; expect_match "a fifo" "^error usage .*no file" "$(timeout 5 "$PROBES/image_probe" "docker-archive:$WORK/fifo" || true)"

say "several images in one file: by name, place or digest, never the first"
expect_match "by its place" "^image $arm linux/arm64 ok" "$(probe "oci:$WORK/layout:@1")"
expect_match "by its digest" "^image $arm linux/arm64 ok" "$(probe "oci:$WORK/layout:@$arm")"
expect_match "the digest behind the folder" "^image $arm linux/arm64 ok" "$(probe "oci:$WORK/layout@$arm")"
expect_match "a place that is not there" "^error usage it has no image @7" "$(probe "oci:$WORK/layout:@7")"
other=$(make_image "$WORK/layout" other amd64 etc/os-release=ID=alpine)
python3 "$HERE/world/edit_layout.py" "$WORK/layout" "$WORK/unnamed" '[e(0, ref=None), e(3, ref=None)]'
expect_match "without names" "^error usage it holds several images; .*@0 \(no name\) $amd linux/amd64; @1 \(no name\) $other linux/amd64" "$(probe "oci:$WORK/unnamed")"
expect_match "also for a platform" "^error usage it holds several images" "$(probe -p linux/amd64 "oci:$WORK/unnamed")"
expect_match "one of them" "^image $other linux/amd64 ok" "$(probe "oci:$WORK/unnamed:@1")"
python3 "$HERE/world/edit_layout.py" "$WORK/layout" "$WORK/plain" '[e(0, ref=None, platform=None), e(3, ref=None, platform=None)]'
expect_match "whose configs alone tell the platforms" "^error usage it holds several images" "$(probe "oci:$WORK/plain")"
python3 "$HERE/world/edit_layout.py" "$WORK/layout" "$WORK/nested" '[e(2, ref=None), e(3, ref=None)]'
expect_match "an index and an image" "^error usage it holds several images; .*@0 \(no name\) $both linux/amd64,linux/arm64; @1" "$(probe -p linux/arm64 "oci:$WORK/nested")"
expect_match "in an index of several" "^image $arm linux/arm64 ok" "$(probe "oci:$WORK/nested:@$arm")"
python3 "$HERE/world/edit_layout.py" "$WORK/layout" "$WORK/flat" '[e(0, ref="v1"), e(1, ref="v1")]'
expect_match "platforms of one image" "^image $arm linux/arm64 ok" "$(probe -p linux/arm64 "oci:$WORK/flat")"
python3 "$HERE/world/edit_layout.py" "$WORK/layout" "$WORK/twice" '[e(3, ref="v1"), e(3, ref="v2")]'
expect_match "one image under two names" "^image $other linux/amd64 ok" "$(probe "oci:$WORK/twice")"
image=io.containerd.image.name
python3 "$HERE/world/edit_layout.py" "$WORK/layout" "$WORK/saved" \
  "[e(0, ref='latest', **{'$image': 'docker.io/library/app:latest'}), e(3, ref='latest', **{'$image': 'docker.io/library/db:latest'})]"
expect_match "docker save of two" "^error usage it holds several images; .*@0 docker.io/library/app:latest .*@1 docker.io/library/db:latest" "$(probe "oci:$WORK/saved")"
expect_match "both are latest" "^error usage several of its images are called so" "$(probe "oci:$WORK/saved:latest")"
expect_match "db:latest" "^image $other linux/amd64 ok" "$(probe "oci:$WORK/saved:db:latest")"
expect_match "db" "^image $other linux/amd64 ok" "$(probe "oci:$WORK/saved:db")"
python3 "$HERE/world/edit_layout.py" "$WORK/layout" "$WORK/attested" '[e(3, ref=None), e(0, ref=None, platform=dict(os="unknown", architecture="unknown"))]'
expect_match "attestations are no images" "^image $other linux/amd64 ok" "$(probe "oci:$WORK/attested")"
mkdir "$WORK/two-saved"
for n in amd other; do
  skopeo --insecure-policy copy -q "oci:$WORK/layout:$n" "docker-archive:$WORK/$n.tar:$n:v1"
  tar -C "$WORK/two-saved" -xf "$WORK/$n.tar"; mv "$WORK/two-saved/manifest.json" "$WORK/$n.json"
done
saved() { jq -s "$1" "$WORK/amd.json" "$WORK/other.json" > "$WORK/two-saved/manifest.json"; tar -C "$WORK/two-saved" -cf "$WORK/two.tar" .; }
other_config=$(jq -r .config.digest "$WORK/layout/blobs/sha256/${other#sha256:}")
saved add
expect_match "an archive of two" "^error usage it holds several images; .*@0 .*amd:v1 $config linux/amd64; @1 .*other:v1 $other_config" "$(probe "docker-archive:$WORK/two.tar")"
for how in other:v1 @1 "@$other_config"; do
  expect_match "of it $how" "^image $other_config linux/amd64 ok" "$(probe "docker-archive:$WORK/two.tar:$how")"
done
saved 'add | map(.RepoTags = ["same:v1"])'
expect_match "one tag twice" "^error usage several of its images are called so" "$(probe "docker-archive:$WORK/two.tar:same:v1")"
saved 'add | .[1] = .[0]'
expect_match "one image twice" "^image $config linux/amd64 ok" "$(probe "docker-archive:$WORK/two.tar")"

say "bytes that are not what they should be"
cp -r "$WORK/layout" "$WORK/bad"
layer=$(jq -r '.layers[1].digest' "$WORK/layout/blobs/sha256/${amd#sha256:}"); layer=${layer#sha256:}
size=$(stat -c %s "$WORK/bad/blobs/sha256/$layer")
printf X | dd of="$WORK/bad/blobs/sha256/$layer" bs=1 seek=100 conv=notrunc status=none
expect_match "changed layer" "^error poison .*have the digest" "$(probe "oci:$WORK/bad:amd" | tail -1)"
truncate -s $((size - 1)) "$WORK/bad/blobs/sha256/$layer"
expect_match "short layer" "^error poison .*its manifest says" "$(probe "oci:$WORK/bad:amd" | tail -1)"
rm "$WORK/bad/blobs/sha256/$layer"; mkfifo "$WORK/bad/blobs/sha256/$layer"
expect_match "a fifo for a layer" "^error poison .*no file" "$(timeout 5 "$PROBES/image_probe" "oci:$WORK/bad:amd" | tail -1)"
rm "$WORK/bad/blobs/sha256/$layer"
expect_match "no layer" "^error not found" "$(probe "oci:$WORK/bad:amd" | tail -1)"
sed -i 's/amd64/amd65/' "$WORK/bad/blobs/sha256/${amd#sha256:}" "$WORK/bad/blobs/sha256/${config#sha256:}"
expect_match "changed config" "^error poison .*digest" "$(probe "oci:$WORK/bad:amd" | tail -1)"
# An archive cut anywhere ends with an error or with the image, never with a crash or a wrong layer.
bytes=$(stat -c %s "$WORK/docker.tar")
for cut in 0 1 511 512 1000 10240 $((bytes / 2)) $((bytes - 10240)); do
  head -c "$cut" "$WORK/docker.tar" > "$WORK/cut.tar"
  out=$(probe "docker-archive:$WORK/cut.tar")
  expect_match "cut at $cut" "error |^image $config" "$out"
done

say "archives as other tools write them: links between members, layers that are compressed"
mkdir "$WORK/x" "$WORK/x/one" "$WORK/x/two"
make_image "$WORK/two" two amd64 a=1 a=1 > "$WORK/two.digest"
manifest=$WORK/two/blobs/sha256/$(cut -d: -f2 "$WORK/two.digest")
gunzip -c < "$WORK/two/blobs/sha256/$(jq -r '.layers[0].digest[7:]' "$manifest")" > "$WORK/x/one/layer.tar"
ln -s ../one/layer.tar "$WORK/x/two/layer.tar"
cp "$WORK/two/blobs/sha256/$(jq -r '.config.digest[7:]' "$manifest")" "$WORK/x/c.json"
echo '[{"Config":"c.json","RepoTags":null,"Layers":["one/layer.tar","two/layer.tar"]}]' > "$WORK/x/manifest.json"
tar -C "$WORK/x" -cf "$WORK/links.tar" --format=pax .
expect "linked layers" 2 "$(probe "docker-archive:$WORK/links.tar" | grep -c ^layer)"
gzip -n "$WORK/x/one/layer.tar"; mv "$WORK/x/one/layer.tar.gz" "$WORK/x/one/layer.tar"
tar -C "$WORK/x" -cf "$WORK/packed.tar" --format=gnu .
expect_match "packed layers" "layer sha256:[0-9a-f]{64} sha256:[0-9a-f]{64} [0-9]+ application/vnd.docker.image.rootfs.diff.tar.gzip" "$(probe "docker-archive:$WORK/packed.tar")"
ln -sf ../../../../etc/passwd "$WORK/x/two/layer.tar"
tar -C "$WORK/x" -cf "$WORK/escape.tar" .
expect_match "a link that leaves" "^error poison .*no layer" "$(probe "docker-archive:$WORK/escape.tar")"
say "passed"
