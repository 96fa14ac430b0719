#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is installed: by cmake --install into a folder, and as a Debian package. careen runs from there with its stages;
# completion and manual page know every command.
. "$(dirname "$0")/../lib.sh"
need cmake cpack dpkg-deb dpkg-shlibdeps file docker-registry python3
BUILD=$(dirname "$CAREEN_BIN")
cmake --install "$BUILD" --prefix "$WORK/prefix" > "$WORK/install.log" 2>&1 || fail "cmake --install: $(tail -n 5 "$WORK/install.log")"

# works ROOT: the programs below it, called by their names
works() {
  local prefix=$1 command
  export PATH=$prefix/bin:$OLD_PATH
  expect "what the PATH has of it" careen "$(ls "$prefix/bin")"
  expect "the program that is called" "$prefix/bin/careen" "$(command -v careen)"
  expect_match "version" '^careen [0-9.]+$' "$(careen --version)"
  careen topics create --bus "embedded:$WORK/bus-$2" --partitions 1 > "$WORK/topics.log" || fail "careen topics"
  "$prefix/libexec/careen/publish" --help > "$WORK/help.log" || fail "publish --help"
  # Every stage is found and started.
  DATA=$WORK/registry-$2 start_registry "registry-$2"
  make_image "$WORK/layout-$2" one amd64 'etc/x=y' > "$WORK/make.log"
  push "$WORK/layout-$2:one" "127.0.0.1:$PORT/team/one:1"
  mkdir -p "$WORK/feeds"
  careen up --once --registry "http://127.0.0.1:$PORT" --state "$WORK/state-$2" --feeds "$WORK/feeds" > "$WORK/up.log" 2>&1 ||
    fail "careen up: $(tail -n 5 "$WORK/up.log")"
  [ -s "$prefix/share/doc/careen/README.md" ] && [ -s "$prefix/share/careen/schemas/finding.avsc" ] ||
    [ -s "$prefix/share/careen/schemas/findings.avsc" ] || fail "documents or schemas are not there"
  for command in $(careen --help | sed -n 's/^  \([a-z]\+\) .*/\1/p'); do
    grep -q "careen $command" "$prefix/share/man/man1/careen.1" || fail "the manual page knows no careen $command"
    grep -q " $command \|'$command " "$prefix/share/bash-completion/completions/careen" || fail "bash completes no careen $command"
    grep -q -- "-a $command " "$prefix/share/fish/vendor_completions.d/careen.fish" || fail "fish completes no careen $command"
  done
}
OLD_PATH=$PATH
works "$WORK/prefix" a

say "completion"
# completes WANT WORD…: what bash offers for the last word
completes() {
  local want=$1; shift
  expect "careen $*" "$want" "$(bash -c '. "$1"; shift; COMP_WORDS=(careen "$@"); COMP_CWORD=$#; _careen; echo "${COMPREPLY[*]}"' \
    bash "$WORK/prefix/share/bash-completion/completions/careen" "$@")"
}
completes "status" sta
completes "--fail-on --fail-on-unknown --fail-on-partial" scan --fail
completes "high" scan --fail-on hi
completes "status" feeds st
completes "alerts" tail al
completes "fish" completion fi
completes "findings" help fin
completes "--schema-registry" status --sc
completes "" status --registr
if command -v man > /dev/null && command -v groff > /dev/null; then
  expect "what groff says of the page" "" "$(LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings=all -l "$WORK/prefix/share/man/man1/careen.1" 2>&1 > "$WORK/man.txt" | head -5)"
  expect_match "the page" '--fail-on' "$(cat "$WORK/man.txt")"
  expect_match "what is on by default" '^ +--\[no-\]unhealthy-unfixed$' "$(cat "$WORK/man.txt")"
fi

say "the Debian package"
(cd "$WORK" && cpack --config "$BUILD/CPackConfig.cmake" -B "$WORK/deb") > "$WORK/cpack.log" 2>&1 || fail "cpack: $(tail -n 5 "$WORK/cpack.log")"
package=$(echo "$WORK"/deb/careen_*.deb)
dpkg-deb -f "$package" > "$WORK/control"
for wanted in 'Package: careen' 'Depends: .*ca-certificates' 'Depends: .*libc6 \(>= ' 'Depends: .*librdkafka1' 'Depends: .*liblmdb0'; do
  expect_match "control" "^$wanted" "$(cat "$WORK/control")"
done
dpkg-deb -x "$package" "$WORK/root"
expect "bin" "../libexec/careen/careen" "$(readlink "$WORK/root/usr/bin/careen")"
works "$WORK/root/usr" b
