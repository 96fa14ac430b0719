#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Ruby's gems in images, against what RubyGems itself knows: gems that it builds and installs here, the library's default
# gems, and what is taken away in a later layer.
. "$(dirname "$0")/../lib.sh"
need python3 jq gem ruby

CAREEN=$CAREEN_BIN/careen
image() { python3 "$HERE/world/make_image.py" image "$WORK/image" "$@" > "$WORK/digest" || fail "image $1"; }
# packages REF: type, name, version, platform and place of each; the JSON stays in $WORK/json
packages() {
  "$CAREEN" packages "oci:$WORK/image:$1" --format json --no-cache > "$WORK/json" || fail "careen packages $1"
  jq -r '.packages[] | "\(.type) \(.name) \(.version) \(.architecture // "ruby") \(.location)"' "$WORK/json" | sort
}
# make NAME VERSION [PLATFORM]: a gem of that name, installed into $GEMS
GEMS=$WORK/root/usr/local/bundle
make() {
  mkdir -p "$WORK/gem/lib" "$WORK/gem/spec/specifications"
  : > "$WORK/gem/lib/x.rb"
  echo "# stub: fixture 1.0 ruby lib" > "$WORK/gem/spec/specifications/fixture-1.0.gemspec"
  cat > "$WORK/gem/x.gemspec" <<R
Gem::Specification.new do |s|
  s.name = "$1"
  s.version = "$2"
  s.platform = "${3:-ruby}"
  s.summary = s.authors = "x"
  s.files = ["lib/x.rb", "spec/specifications/fixture-1.0.gemspec"]
end
R
  (cd "$WORK/gem" && gem build -q x.gemspec -o x.gem && gem install -q --local --no-document --force --install-dir "$GEMS" x.gem) > "$WORK/err" 2>&1 ||
    fail "gem $1: $(tail -n 3 "$WORK/err")"
}

say "gems that RubyGems installed"
make rack 2.2.4
make rack 2.2.5
make nokogiri 1.13.6 "$(ruby -e 'print Gem::Platform.local')"
make With_Under-score 1.0.0.rc1
image gems amd64 "dir:$WORK/root"
packages gems > "$WORK/ours"
GEM_HOME=$GEMS GEM_PATH=$GEMS ruby -e '
  Gem::Specification.each { |s| puts "gem #{s.name} #{s.version} #{s.platform} #{s.loaded_from.delete_prefix(ARGV[0])}" if s.loaded_from.start_with?(ARGV[0]) }' \
  "$WORK/root/" | sort > "$WORK/theirs"
expect "as RubyGems has them" "$(cat "$WORK/theirs")" "$(cat "$WORK/ours")"
expect "four" 4 "$(wc -l < "$WORK/theirs")"
expect "a platform is none of the version" "pkg:gem/nokogiri@1.13.6?platform=$(ruby -e 'print Gem::Platform.local')" \
  "$(jq -r '.packages[] | select(.name == "nokogiri") | .purl' "$WORK/json")"

say "Ruby's own library"
ruby -e 'puts Gem::Specification.select(&:default_gem?).map(&:loaded_from), RbConfig::CONFIG["rubyarchdir"] + "/rbconfig.rb", Gem.method(:path).source_location[0]' | while read -r f; do
  mkdir -p "$WORK/library$(dirname "$f")" && cp "$f" "$WORK/library$f"
done
image library amd64 "dir:$WORK/library"
packages library > "$WORK/ours"
ruby -e 'Gem::Specification.select(&:default_gem?).each { |s| puts "gem #{s.name} #{s.version} #{s.platform} #{s.loaded_from[1..]}" }' | sort > "$WORK/theirs"
expect "default gems" "$(cat "$WORK/theirs")" "$(grep '/specifications/' "$WORK/ours")"
expect "the interpreter" "ruby $(ruby -e 'print RUBY_VERSION')" "$(grep '^generic ' "$WORK/ours" | cut -d' ' -f2,3)"
expect "RubyGems" "rubygems-update $(gem --version)" "$(grep 'rubygems.rb$' "$WORK/ours" | cut -d' ' -f2,3)"

say "a later layer takes the code of one and the specification of another away"
mkdir -p "$WORK/up/usr/local/bundle/gems" "$WORK/up/usr/local/bundle/specifications"
: > "$WORK/up/usr/local/bundle/gems/.wh.rack-2.2.4"
: > "$WORK/up/usr/local/bundle/specifications/.wh.With_Under-score-1.0.0.rc1.gemspec"
image less amd64 "dir:$WORK/root" "dir:$WORK/up"
expect "what is left" "nokogiri 1.13.6,rack 2.2.5" "$(packages less | cut -d' ' -f2,3 | paste -sd,)"

say "bad input"
mkdir -p "$WORK/bad/specifications"
printf 'Gem::Specification.new do |s|\n  s.name = NAME\n  s.version = %%x(id)\nend\n' > "$WORK/bad/specifications/a-1.gemspec"
{ printf '# stub: b '; head -c 1000000 /dev/zero | tr '\0' 1; printf ' ruby lib\n'; } > "$WORK/bad/specifications/b-1.gemspec"
echo '# stub: ok 1.0 ruby lib' > "$WORK/bad/specifications/ok-1.0.gemspec"
image bad amd64 "dir:$WORK/bad"
expect "the rest is read" "gem ok 1.0 ruby specifications/ok-1.0.gemspec" "$(packages bad)"
expect "partial" "partial file-cut,package-left-out" "$(jq -r '"\(.status) \([.reason_codes[]] | unique | join(","))"' "$WORK/json")"
