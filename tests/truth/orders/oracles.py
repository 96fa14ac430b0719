# SPDX-License-Identifier: Apache-2.0
"""The ecosystems' own tools. ask(kind, pairs, folder) gives for each pair <, =, > or ! (one of them is refused), and who
answered; Missing says what isn't here. Programs are built below the folder, which a second call uses again. Each reads
lines of A, tab, B and answers a line each."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGING = 'packaging==25.0'
CONAN = 'conan==2.20.1'
MAVEN = 'org.apache.maven:maven-artifact:3.9.9'
GO = ['golang.org/x/mod/semver@v0.8.0', 'github.com/bitnami/go-version/pkg/version@v0.0.0-20250505154626-452e8c5ee607']
CRATE = 'semver = "=1.0.17"'


class Missing(Exception):
    pass


PYTHON = '''
import sys
{imports}
print({name})
for line in sys.stdin:
    try:
        a, b = ({make}(v) for v in line[:-1].split("\\t"))
        print("<" if a < b else "=" if a == b else ">")
    except Exception:
        print("!")
'''
NODE = '''
const semver = require("semver");
const lines = require("fs").readFileSync(0, "utf8").split("\\n").slice(0, -1);
const version = require(require.resolve("semver/package.json")).version;
console.log(["semver " + version + " of npm"].concat(lines.map(line => {
  const [a, b] = line.split("\\t").map(v => semver.parse(v, {loose: true}));
  return a && b ? "<=>"[a.compare(b) + 1] : "!";
})).join("\\n"));
'''
JAVA = '''
import java.io.*;
import java.util.*;
public class Ask {
    static <T> String sign(int c) { return c < 0 ? "<" : c > 0 ? ">" : "="; }
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        StringBuilder out = new StringBuilder(NAME + "\\n");
        for (String line; (line = in.readLine()) != null;) {
            String[] v = line.split("\\t", -1);
            try {
                out.append(sign(COMPARE)).append('\\n');
            } catch (RuntimeException e) {
                out.append("!\\n");
            }
        }
        System.out.print(out);
    }
}
'''
GOLANG = '''
package main
import ("bufio"; "fmt"; "os"; "strings"; "golang.org/x/mod/semver"; bitnami "github.com/bitnami/go-version/pkg/version")
func golang(a, b string) (int, bool) {
	a, b = "v"+strings.TrimPrefix(a, "v"), "v"+strings.TrimPrefix(b, "v")
	return semver.Compare(a, b), semver.IsValid(a) && semver.IsValid(b)
}
func bitnamis(a, b string) (int, bool) {
	x, e := bitnami.Parse(a)
	y, f := bitnami.Parse(b)
	if e != nil || f != nil { return 0, false }
	return x.Compare(y), true
}
func main() {
	in, out := bufio.NewScanner(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	ask := golang
	if os.Args[1] == "bitnami" { ask = bitnamis }
	for in.Scan() {
		v := strings.Split(in.Text(), "\\t")
		c, ok := ask(v[0], v[1])
		if ok { fmt.Fprintln(out, string("<=>"[c+1])) } else { fmt.Fprintln(out, "!") }
	}
}
'''
RUST = '''
use std::io::{self, BufRead};
fn main() {
    println!("semver 1.0.17 of crates.io");
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        let (a, b) = line.split_once('\\t').unwrap();
        println!("{}", match (semver::Version::parse(a), semver::Version::parse(b)) {
            (Ok(a), Ok(b)) => match (a.major, a.minor, a.patch, &a.pre).cmp(&(b.major, b.minor, b.patch, &b.pre)) {
                std::cmp::Ordering::Less => "<", std::cmp::Ordering::Equal => "=", _ => ">" },
            _ => "!",
        });
    }
}
'''
RUBY = '''
puts "Gem::Version of RubyGems #{Gem::VERSION}"
STDIN.each_line do |line|
  begin
    a, b = line.chomp.split("\\t").map { |v| Gem::Version.new(v) }
    puts "<=>"[(a <=> b) + 1]
  rescue ArgumentError
    puts "!"
  end
end
'''
PHP = '''<?php
$composer = $argv[1] === 'composer';
if ($composer) require 'Composer/Semver/autoload.php';
echo $composer ? 'composer/semver ' . trim(shell_exec('dpkg-query -W -f "' . chr(92) . '${Version}" php-composer-semver')) : 'version_compare of PHP ' . PHP_VERSION, "\\n";
$parser = $composer ? new Composer\\Semver\\VersionParser() : null;
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = explode("\\t", rtrim($line, "\\n"));
    try {
        if ($composer) { $a = $parser->normalize($a); $b = $parser->normalize($b); }
        echo $composer && (strncmp($a, 'dev-', 4) === 0 || strncmp($b, 'dev-', 4) === 0) ? '!' : '<=>'[version_compare($a, $b) + 1], "\\n";
    } catch (UnexpectedValueException $e) { echo "!\\n"; }
}
'''
ELIXIR = '''
IO.puts("Version of Elixir #{System.version()}")
IO.stream(:stdio, :line) |> Enum.each(fn line ->
  [a, b] = line |> String.trim_trailing("\\n") |> String.split("\\t")
  IO.puts(case {Version.parse(a), Version.parse(b)} do
    {{:ok, a}, {:ok, b}} -> case Version.compare(a, b) do :lt -> "<"; :eq -> "="; :gt -> ">" end
    _ -> "!"
  end)
end)
'''
PERL = '''
use version;
$| = 0;
print "version.pm $version::VERSION of Perl $]\\n";
while (<STDIN>) {
    chomp;
    my ($a, $b) = split /\\t/;
    local $SIG{__WARN__} = sub { die @_ };
    my $c = eval { version->parse($a) <=> version->parse($b) };
    print defined $c ? substr("<=>", $c + 1, 1) : "!", "\\n";
}
'''
R = '''
cat("compareVersion of R ", as.character(getRversion()), "\\n", sep = "")
f <- strsplit(readLines(file("stdin")), "\\t", fixed = TRUE)
good <- function(v) grepl("^([0-9]{1,9}[.-])*[0-9]{1,9}$", v)
a <- vapply(f, `[`, "", 1); b <- vapply(f, `[`, "", 2)
ok <- good(a) & good(b)
out <- rep("!", length(a))
out[ok] <- c("<", "=", ">")[mapply(utils::compareVersion, a[ok], b[ok]) + 2]
writeLines(out)
'''
LUA = '''
local vers = require("luarocks.core.vers")
print("luarocks.core.vers of LuaRocks " .. io.popen("dpkg-query -W -f '${Version}' luarocks"):read("*a"))
for line in io.lines() do
  local a, b = line:match("^(.-)\\t(.*)$")
  if a:match("^[%w][%w%.%-_]*$") and b:match("^[%w][%w%.%-_]*$") then
    local x, y = vers.parse_version(a), vers.parse_version(b)
    print(x < y and "<" or y < x and ">" or "=")
  else print("!") end
end
'''


def need(*commands):
    for command in commands:
        if not shutil.which(command):
            raise Missing(f'{command} is not here')


def prepare(command, cwd=None, env=None):
    said = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if said.returncode:
        raise Missing(f'{" ".join(map(str, command))}: {said.stdout.decode(errors="replace").strip().splitlines()[-1:]}')
    return said.stdout.decode(errors='replace')


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.lstrip('\n'), encoding='utf-8')
    return str(path)


def python_of(folder, package):
    need('python3')
    venv = folder / 'venv'
    if not venv.exists():
        prepare([sys.executable, '-m', 'venv', str(venv)])
    prepare([str(venv / 'bin/pip'), 'install', '-q', package])
    return str(venv / 'bin/python')


def pypi(folder):
    text = PYTHON.format(imports='import packaging\nfrom packaging.version import Version', make='Version',
                         name='"packaging " + packaging.__version__')
    return [python_of(folder, PACKAGING), write(folder / 'ask_pypi.py', text)]


def conan(folder):
    text = PYTHON.format(imports='import conan\nfrom conan.internal.model.version import Version', make='Version',
                         name='"conan " + conan.__version__')
    return [python_of(folder, CONAN), write(folder / 'ask_conan.py', text)]


def npm(folder):
    need('node')
    return ['node', write(folder / 'ask.js', NODE)]


def java(folder, name, title, compare, classpath):
    need('java')
    text = JAVA.replace('NAME', title).replace('COMPARE', compare)
    return ['java', '-cp', classpath, write(folder / name / 'Ask.java', text)]


def maven(folder):
    jar = folder / f'maven-artifact-{MAVEN.split(":")[2]}.jar'
    if not jar.exists():
        need('mvn')
        prepare(['mvn', '-q', '-B', 'dependency:copy', f'-Dartifact={MAVEN}', f'-DoutputDirectory={folder}'])
    compare = 'new org.apache.maven.artifact.versioning.ComparableVersion(v[0]).compareTo(new org.apache.maven.artifact.versioning.ComparableVersion(v[1]))'
    return java(folder, 'maven', f'"{MAVEN}"', compare, str(jar))


def jvm(folder):
    compare = 'Runtime.Version.parse(v[0]).compareToIgnoreOptional(Runtime.Version.parse(v[1]))'
    return java(folder, 'jvm', '"Runtime.Version of Java " + Runtime.version()', compare, str(folder))


def go(kind):
    def build(folder):
        need('go')
        where = folder / 'go'
        if not (where / 'ask').exists():
            write(where / 'ask.go', GOLANG)
            write(where / 'go.mod', 'module ask\n\ngo 1.19\n')
            prepare(['go', 'get', *GO], where)
            prepare(['go', 'build', '-o', 'ask', '.'], where)
        return [str(where / 'ask'), kind]
    return build


def cargo(folder):
    need('cargo')
    where = folder / 'crate'
    if not (where / 'target/release/ask').exists():
        write(where / 'src/main.rs', RUST)
        write(where / 'Cargo.toml', f'[package]\nname = "ask"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n{CRATE}\n')
        prepare(['cargo', 'build', '-q', '--release'], where)
    return [str(where / 'target/release/ask')]


def script(command, name, text, *arguments):
    def build(folder):
        need(command)
        return [command, write(folder / name, text), *arguments]
    return build


ORACLES = {
    'pypi': pypi, 'npm': npm, 'maven': maven, 'golang': go('golang'), 'cargo': cargo, 'conan': conan, 'jvm': jvm,
    'bitnami': go('bitnami'), 'gem': script('ruby', 'ask.rb', RUBY), 'composer': script('php', 'ask.php', PHP, 'composer'),
    'php': script('php', 'ask.php', PHP, 'php'), 'hex': script('elixir', 'ask.exs', ELIXIR),
    'cpan': script('perl', 'ask.pl', PERL), 'cran': script('Rscript', 'ask.R', R), 'luarocks': script('lua5.1', 'ask.lua', LUA),
}
NAMES = {'golang': GO[0].replace('@', ' '), 'bitnami': GO[1].replace('@', ' ')}


def ask(kind, asked, folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    command = ORACLES[kind](folder)
    env = dict(os.environ)
    if kind == 'npm':
        root = subprocess.run(['npm', 'root', '-g'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode().strip() if shutil.which('npm') else ''
        env['NODE_PATH'] = f'{root}/npm/node_modules:/usr/share/nodejs:/usr/share/npm/node_modules'
    text = ''.join(f'{a}\t{b}\n' for a, b in asked).encode()
    said = subprocess.run(command, input=text, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    answers = said.stdout.decode(errors='replace').splitlines()
    name = NAMES.get(kind) or (answers.pop(0) if answers else '')
    if said.returncode or len(answers) != len(asked):
        raise Missing(f'{command[0]}: {said.stderr.decode(errors="replace").strip()[-200:] or "no answers"}')
    return answers, name
