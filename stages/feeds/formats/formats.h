/* SPDX-License-Identifier: Apache-2.0 */
/*
 * formats.h: in which forms publishers tell what they know; the list below is the one table of formats. Each is a file
 * format_NAME.c with a function that reads a whole feed through reading.h (documents that come in two wrappings are one
 * file with two functions); some share a reader in a folder of their own
 * (csaf/, languages/, osv/, oval/, windows/), and scores/ has those that tell of vulnerabilities, not of packages.
 *
 * Adding a format is a file and a line here. What only names other feeds or documents (feed_kind FEED_INDEX and
 * FEED_LIST) is no format: its readers are in fetch/index.h and in the publishers' files.
 */
#ifndef CAREEN_FEEDS_FORMATS_FORMATS_H
#define CAREEN_FEEDS_FORMATS_FORMATS_H

#include "feeds/reading.h"

/* clang-format off */
#define FEED_FORMATS(X) \
    X(osv_archive)    /* a zip or tar of OSV documents */ \
    X(osv_json)       /* a JSON array of them */ \
    X(debian_tracker) /* Debian's tracker: one JSON object, package -> CVE -> release */ \
    X(ubuntu_vex)     /* a tar of Canonical's OpenVEX documents */ \
    X(secdb)          /* Alpine's secdb: package -> version -> what it fixes */ \
    X(arch)           /* Arch Linux' list of issues */ \
    X(glsa)           /* a tar of Gentoo's notices */ \
    X(photon)         /* Photon OS' CVE metadata */ \
    X(updateinfo)     /* updateinfo.xml of rpm repositories */ \
    X(oval)           /* OVAL definitions */ \
    X(csaf_vex)       /* a tar of Red Hat's CSAF documents */ \
    X(csaf_names)     /* a tar of SUSE's or openEuler's, whose products are named by what they are */ \
    X(msrc_cvrf)      /* a tar of Microsoft's monthly CVRF documents */ \
    X(wesng)          /* WES-NG's definitions: Microsoft's bulletins as CSV */ \
    X(winbuild)       /* a tar of CVE -> fixed builds, JSON a month */ \
    X(rubysec)        /* a tar of RubySec's YAML, of gems or of interpreters */ \
    X(friendsofphp)   /* a tar of FriendsOfPHP's YAML */ \
    X(nodejs_core)    /* a tar with Node.js' own vulnerabilities, JSON */ \
    X(kev)            /* CISA's catalogue of what is exploited */ \
    X(epss)           /* FIRST's table of probabilities */ \
    X(nvd)            /* NVD's JSON 2.0 of a year */ \
    X(nvd_table)      /* lines of a CVE and NVD's vector */ \
    X(cve)            /* a tar of CVE records, JSON 5 */ \
    X(cve_lines)      /* the same, one a line */ \
    X(exploitdb)      /* Exploit-DB's files_exploits.csv */ \
    X(metasploit)     /* Metasploit's modules_metadata_base.json */ \
    X(msfdb)          /* a tar of lists of Metasploit's modules */ \
    X(module_list)    /* lines of a module and its CVE */ \
    X(nuclei)         /* Nuclei's cves.json, one JSON a line */
/* clang-format on */

#define FEED_FORMAT_DECLARE(name) int format_##name(struct feed_reading *r, struct err *e);
FEED_FORMATS(FEED_FORMAT_DECLARE)
#undef FEED_FORMAT_DECLARE

struct feed_format {
    const char *name;
    int (*parse)(struct feed_reading *r, struct err *e);
};
extern const struct feed_format feed_formats[];
extern const size_t feed_formats_n;

#endif
