/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program_table.c: the rows. Of several rows for a name the first that a file fits has it, so that forks come before what
 * they were forked from. A row needs a text that is the product's own: "\0 1.12 \0" alone is in everything.
 */
#include "packages/program/program.h"

#define V PROGRAM_VERSION
/* Adjacent literals keep an escape from taking the next digit. */
#define NUL                                                                                                            \
    "\0"                                                                                                               \
    ""
#define TEXTS(...)     .patterns = {__VA_ARGS__}
#define ALSO(text)     .also = SLICE(text)
#define NEVER(text)    .never = SLICE(text)
#define FRAMED         TEXTS(SLICE(NUL V NUL))
#define LDFLAG(symbol) TEXTS(SLICE(symbol "=v" V), SLICE(symbol "=" V))
#define BITNAMI        .bitnami = true
#define WORD           .form = FORM_WORD
#define LETTER         .form = FORM_LETTER
#define PATCH          .form = FORM_PATCH
#define RUBY           .form = FORM_RUBY

const struct program programs[] = {
    /* ---- languages and their tools ---- */
    /* A linker that joins equal ends of texts leaves "3.11.7" only as the end of the prefix or of the source's folder. */
    {"python", "python2.* python3.* libpython2.*.so* libpython3.*.so*",
     TEXTS(SLICE(NUL V NUL), SLICE("ython-" V NUL), SLICE("/" V NUL)), .named = true, WORD, BITNAMI},
    {"pypy", "libpypy*.so*", TEXTS(SLICE("[PyPy " V))},
    {"node", "node nodejs libnode.so*", TEXTS(SLICE("node.js/v" V), SLICE("nodejs.org/download/release/v" V)), BITNAMI},
    {"deno", "deno", TEXTS(SLICE("Deno/" V))},
    {"bun", "bun", TEXTS(SLICE("Bun v" V), SLICE("Bun/" V))},
    {"ruby", "ruby ruby2* ruby3* libruby.so* libruby-*.so*", TEXTS(SLICE(NUL "ruby " V)), ALSO(" revision "), RUBY,
     BITNAMI},
    {"php", "php php5* php7* php8* php-fpm* php-cgi* libphp*.so*", TEXTS(SLICE("X-Powered-By: PHP/" V)), WORD, BITNAMI},
    {"perl", "perl perl5* libperl.so*", TEXTS(SLICE(NUL "v" V NUL), SLICE("/perl5/" V)), ALSO("PERL5LIB")},
    {"dart", "dart", TEXTS(SLICE(NUL V " (stable)"))},
    {"cabal", "cabal", TEXTS(SLICE("Cabal-" V))},
    {"stack", "stack", TEXTS(SLICE("Version " V ", Git"))},
    {"swi-prolog", "swipl", TEXTS(SLICE("swipl-" V "/"))},
    {"lua", "lua lua5* luac* liblua*.so*", TEXTS(SLICE("Lua " V "  Copyright")), BITNAMI},
    {"rust", "libstd-*.so", TEXTS(SLICE("rustc version " V))},
    {"gcc", "gcc gcc-*", TEXTS(SLICE("GCC: (GNU) " V))},
    {"cmake", "cmake", TEXTS(SLICE("cmake version " V))},

    /* ---- shells and what every system has ---- */
    {"bash", "bash", TEXTS(SLICE("@(#)Bash version " V "("))},
    {"busybox", "busybox", TEXTS(SLICE("BusyBox v" V))},
    {"util-linux", "getopt", TEXTS(SLICE(NUL "util-linux " V NUL))},
    {"coreutils", "coreutils ls", FRAMED, ALSO("GNU coreutils")},
    {"gzip", "gzip", FRAMED, ALSO("not in gzip format")},
    {"xz", "xz", TEXTS(SLICE("xz (XZ Utils) " V), SLICE(NUL V NUL)), ALSO("XZ Utils"), WORD},
    {"xz", "liblzma.so*", FRAMED, .named = true, WORD},
    {"zstd", "zstd libzstd.so*", TEXTS(SLICE(NUL "v" V NUL), SLICE(NUL V NUL))},
    {"bzip2", "libbz2.so*", TEXTS(SLICE(NUL V ", ")), ALSO("libbzip2")},
    {"tar", "tar", FRAMED, ALSO("GNU tar")},
    {"sudo", "sudo", TEXTS(SLICE("Sudo version " V), SLICE(NUL V NUL)), ALSO("sudo"), PATCH},
    {"glibc", "libc.so.6 libc-2.*.so", TEXTS(SLICE("stable release version " V))},
    {"musl", "ld-musl-*.so* libc.musl-*.so*", FRAMED, ALSO("musl libc")},
    {"git", "git", TEXTS(SLICE("git/" V), SLICE(NUL V NUL)), ALSO("GIT_TRACE"), BITNAMI},
    {"jq", "jq", TEXTS(SLICE("jq-" V))},
    {"vim", "vim vim.*", TEXTS(SLICE("VIM - Vi IMproved " V))},

    /* ---- cryptography ---- */
    {"aws-lc", "openssl libcrypto.so* bssl", TEXTS(SLICE("compatible; AWS-LC " V ")"))},
    {"libressl", "openssl libcrypto.so* libssl.so*", TEXTS(SLICE("LibreSSL " V))},
    {"openssl", "openssl libcrypto.so* libssl.so*", TEXTS(SLICE("OpenSSL " V " "), SLICE("OpenSSL " V "-fips ")),
     LETTER},
    {"gnutls", "libgnutls.so*", TEXTS(SLICE("Enabled GnuTLS " V " logging"))},
    {"mbedtls", "libmbedcrypto.so* libmbedtls.so*", TEXTS(SLICE("Mbed TLS " V), SLICE("mbed TLS " V))},
    {"libgcrypt", "libgcrypt.so*", TEXTS(SLICE("This is Libgcrypt " V))},
    {"libssh", "libssh.so*", TEXTS(SLICE("libssh_" V))},
    {"libssh2", "libssh2.so*", TEXTS(SLICE("libssh2_" V))},
    {"openssh", "sshd ssh sshd-session", TEXTS(SLICE("OpenSSH_" V)), PATCH},
    {"krb5", "libkrb5.so*", TEXTS(SLICE("KRB5_BRAND: krb5-" V "-final"))},
    {"heimdal", "libkrb5.so*", TEXTS(SLICE("$Version: Heimdal " V))},
    {"stunnel", "stunnel stunnel4", TEXTS(SLICE("stunnel " V))},

    /* ---- libraries ---- */
    {"zlib", "libz.so*", TEXTS(SLICE(" deflate " V " Copyright"), SLICE(" inflate " V " Copyright"))},
    {"curl", "curl libcurl.so* libcurl-*.so*", TEXTS(SLICE("libcurl/" V), SLICE("curl/" V), SLICE("curl " V))},
    {"sqlite", "libsqlite3.so* sqlite3", FRAMED, ALSO("sqlite_"), .named = true, BITNAMI},
    {"expat", "libexpat.so*", TEXTS(SLICE("expat_" V))},
    {"pcre2", "libpcre2-*.so*", TEXTS(SLICE(NUL V " 20"))},
    {"pcre", "libpcre.so*", TEXTS(SLICE(NUL V " 20"))},
    {"libpng", "libpng1*.so*", TEXTS(SLICE("libpng version " V))},
    {"libjpeg-turbo", "libjpeg.so* libturbojpeg.so*", TEXTS(SLICE("libjpeg-turbo version " V))},
    {"libtiff", "libtiff.so*", TEXTS(SLICE("LIBTIFF, Version " V))},
    {"libarchive", "libarchive.so* bsdtar", TEXTS(SLICE("libarchive " V))},
    {"libevent", "libevent*.so*", TEXTS(SLICE(NUL V "-stable"))},
    {"nghttp2", "libnghttp2.so*", FRAMED},
    {"c-ares", "libcares.so*", FRAMED, ALSO("c-ares")},
    {"ffmpeg", "ffmpeg libavcodec.so* libavformat.so* libavutil.so* libswresample.so* libswscale.so*",
     TEXTS(SLICE("FFmpeg version " V)), WORD},
    {"imagemagick", "magick libMagickCore*.so*", TEXTS(SLICE("ImageMagick " V)), WORD},
    {"ghostscript", "libgs.so*", TEXTS(SLICE("GPL Ghostscript " V))},
    {"qt", "libQt*Core.so*", TEXTS(SLICE("Qt " V " ("), SLICE("QtCore library version " V))},
    {"electron", "electron", TEXTS(SLICE("Electron/" V))},

    /* ---- servers ---- */
    {"openresty", "nginx openresty", TEXTS(SLICE("nginx version: openresty/" V), SLICE("openresty/" V)), BITNAMI},
    {"nginx", "nginx nginx-debug", TEXTS(SLICE("nginx version: nginx/" V), SLICE("nginx/" V)), BITNAMI},
    {"apache", "httpd apache2", TEXTS(SLICE("Apache/" V " ("), SLICE(NUL "Apache/" V)), BITNAMI},
    {"lighttpd", "lighttpd", TEXTS(SLICE("lighttpd/" V))},
    {"haproxy", "haproxy", TEXTS(SLICE(NUL V "-")), ALSO("haproxy.org"), BITNAMI},
    {"envoy", "envoy", TEXTS(SLICE("/" V "/Clean/RELEASE")), BITNAMI},
    {"varnish", "varnishd", TEXTS(SLICE("varnish-" V " revision")), BITNAMI},
    {"squid", "squid", TEXTS(SLICE("squid/" V), SLICE("Squid Cache: Version " V))},
    {"keydb", "keydb-server", TEXTS(SLICE(V "buildkitsandbox-")), ALSO("keydb"), BITNAMI},
    {"valkey", "valkey-server", TEXTS(SLICE(V "buildkitsandbox-")), ALSO("valkey"), BITNAMI},
    {"redis", "redis-server", TEXTS(SLICE(V "buildkitsandbox-"), SLICE("Redis version " V)), NEVER("valkey"), BITNAMI},
    {"memcached", "memcached", TEXTS(SLICE("memcached " V)), BITNAMI},
    {"postgresql", "postgres", TEXTS(SLICE("postgres (PostgreSQL) " V), SLICE(NUL "PostgreSQL " V)), BITNAMI},
    {"pgbouncer", "pgbouncer", TEXTS(SLICE("PgBouncer " V)), BITNAMI},
    {"mariadb", "mariadbd mariadb mysqld mysql", TEXTS(SLICE(NUL V "-MariaDB"), SLICE("/mariadb-" V "-")), BITNAMI},
    {"mysql-cluster", "mysqld ndbd ndbmtd ndb_mgmd", TEXTS(SLICE("mysql-cluster-gpl-" V))},
    {"percona-server", "mysqld mysql", TEXTS(SLICE("percona-server-" V))},
    {"percona-xtrabackup", "xtrabackup", TEXTS(SLICE("percona-xtrabackup-" V))},
    {"mysql", "mysqld mysql", TEXTS(SLICE("/mysql-" V "/"))},
    {"arangodb", "arangod arangosh", TEXTS(SLICE(V " [linux]")), BITNAMI},
    {"clickhouse", "clickhouse", TEXTS(SLICE(NUL "v" V "-stable"), SLICE(NUL "v" V "-lts")), BITNAMI},
    {"openldap", "slapd ldapsearch", TEXTS(SLICE("$OpenLDAP: slapd " V), SLICE("$OpenLDAP: ldapsearch " V)), BITNAMI},
    {"proftpd", "proftpd", TEXTS(SLICE("ProFTPD Version " V), SLICE("ProFTPD " V)), WORD},
    {"vsftpd", "vsftpd", TEXTS(SLICE("vsFTPd " V))},
    {"exim", "exim exim4", TEXTS(SLICE("Exim version " V), SLICE("Exim " V))},
    {"postfix", "master smtpd", TEXTS(SLICE("mail_version=" V))},
    {"dovecot", "dovecot", TEXTS(SLICE("dovecot-" V), SLICE(NUL V " ("))},
    {"bind", "named", TEXTS(SLICE("BIND " V), SLICE(NUL V "-")), ALSO("named.conf")},
    {"unbound", "unbound", TEXTS(SLICE("unbound " V))},
    {"dnsmasq", "dnsmasq", TEXTS(SLICE("dnsmasq-" V))},
    {"openvpn", "openvpn", TEXTS(SLICE(NUL "OpenVPN " V " "))},
    {"strongswan", "charon libstrongswan.so*", TEXTS(SLICE("strongSwan " V))},
    {"samba", "smbd libsmbd-base*.so*", TEXTS(SLICE("Samba " V), SLICE("SAMBA_" V))},
    {"fluent-bit", "fluent-bit", TEXTS(SLICE(NUL V NUL "Fluent Bit")), BITNAMI},

    /* ---- programs in Go whose releases are stamped by the linker ---- */
    {"consul", "consul", TEXTS(SLICE("CONSUL_VERSION: " V)), BITNAMI},
    {"helm", "helm", LDFLAG("internal/version.version"), BITNAMI},
    {"kubectl", "kubectl", LDFLAG("version.gitVersion")},
    {"kubernetes", "kubelet kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubeadm",
     LDFLAG("version.gitVersion")},
    {"traefik", "traefik", LDFLAG("pkg/version.Version")},
    {"prometheus", "prometheus", LDFLAG("common/version.Version"), BITNAMI},
    {"alertmanager", "alertmanager", LDFLAG("common/version.Version"), BITNAMI},
    {"grafana", "grafana grafana-server", LDFLAG("main.version"), BITNAMI},
    {"gitea", "gitea", LDFLAG("main.Version"), BITNAMI},
    {"docker-cli", "docker", LDFLAG("cli/version.Version"), BITNAMI},
    {"moby", "dockerd", LDFLAG("dockerversion.Version")},
    {"containerd", "containerd", LDFLAG("version.Version")},
    {"runc", "runc", LDFLAG("main.version")},
    {"istio", "pilot-discovery pilot-agent", LDFLAG("pkg/version.buildVersion")},
    {"ingress-nginx", "nginx-ingress-controller", LDFLAG("version.RELEASE")},
    {"argo-cd", "argocd argocd-server", LDFLAG("common.version"), BITNAMI},
    {"flux", "flux", LDFLAG("main.VERSION"), BITNAMI},
    {"rclone", "rclone", LDFLAG("fs.Version"), BITNAMI},
    {"syncthing", "syncthing", LDFLAG("build.Version"), BITNAMI},
};
const size_t programs_n = ARRAY_LEN(programs);

/* A pattern with stars against a name: each star takes as little as it can. */
static bool fits(struct slice pattern, struct slice name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, from = 0;
    while (n < name.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            from = n;
        } else if (p < pattern.n && pattern.p[p] == name.p[n]) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

bool program_may_be(const struct program *row, struct slice name)
{
    struct slice all = slice_str(row->names), one;
    while (slice_take_token(&all, ' ', &one))
        if (fits(one, name))
            return true;
    return false;
}

const struct program *program_by_product(struct slice product)
{
    for (size_t i = 0; i < programs_n; i++)
        if (slice_eq_str(product, programs[i].product))
            return &programs[i];
    return NULL;
}
