/* SPDX-License-Identifier: Apache-2.0 */
/* Metasploit: the index file in its repository. */
#include "feeds/formats/formats.h"
#include "feeds/table/publishers.h"

static const struct feed feeds[] = {
    {.name = "metasploit",
     .kind = FEED_EXPLOITS,
     .url = "https://raw.githubusercontent.com/rapid7/metasploit-framework/master/db/modules_metadata_base.json",
     .path = "exploit/modules_metadata_base.json",
     .rhythm_days = 21,
     .parse = format_metasploit},
    {.name = "msfdb", .kind = FEED_EXPLOITS, .path = "exploit/msfdb-list.tar.zst", .parse = format_msfdb},
    {.name = "msf-modules", .kind = FEED_EXPLOITS, .path = "exploit/emba-msf_cve-db.txt", .parse = format_module_list},
};
const struct feed_publisher publisher_metasploit = {
    .feeds = feeds,
    .feeds_n = ARRAY_LEN(feeds),
};
